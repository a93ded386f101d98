import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { sha256Hex } from '../../core/sha256.js';
import { CKF_OS_LOCKING_OK } from './cryptoki.js';
import { callFailed } from './host-error.js';

export interface LoadedModule {
  readonly module: pkcs11js.PKCS11;
  /** Of the file's bytes, hex. */
  readonly sha256: string;
}

/** No token was asked yet. SoftHSM calls it a general error when this user may not open its files. */
const READABLE =
  "run it as the daemon's user: the module could not use its configuration or its tokens (SoftHSM: softhsm2.conf and the directory it names); see docs/architecture/hsm.md for the code";

/** Loads and initialises a PKCS#11 module into this process. Throws FILE_UNREADABLE, HSM_UNAVAILABLE. */
export function loadModule(path: string): LoadedModule {
  let sha256: string;
  try {
    sha256 = sha256Hex(readFileSync(path));
  } catch (error) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the PKCS#11 module ${path}`, {
      cause: error,
      hint: 'install it (Debian: apt-get install softhsm2) or correct `module` in chancery.yaml',
    });
  }
  const module = newModule();
  try {
    module.load(path);
  } catch (error) {
    throw new ChanceryError('FILE_UNREADABLE', `${path} is no PKCS#11 module that can be loaded here`, {
      cause: error,
      hint: `see what is missing with: ldd ${path}`,
    });
  }
  try {
    module.C_Initialize({ flags: CKF_OS_LOCKING_OK });
  } catch (error) {
    throw callFailed(`cannot initialise the module ${path}`, error, READABLE);
  }
  return { module, sha256 };
}

/** Not imported: a host that cannot load it can still say so, instead of ending with a stack trace at each start. */
function newModule(): pkcs11js.PKCS11 {
  const require = createRequire(import.meta.url);
  let library: typeof pkcs11js;
  try {
    library = require('pkcs11js') as typeof pkcs11js;
  } catch (error) {
    throw new ChanceryError(
      'FILE_UNREADABLE',
      'pkcs11js, the native module that reaches tokens, is not built',
      {
        cause: error,
        hint: 'run this from a checkout after `npm ci`, or build it here with `npm rebuild pkcs11js --ignore-scripts=false` (make, g++ and python3 are needed); agents do without',
      },
    );
  }
  return new library.PKCS11();
}
