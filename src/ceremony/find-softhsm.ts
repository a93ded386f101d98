import { existsSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';

/** Where distributions put the module. */
const PLACES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];

/** Absolute path of SoftHSM's PKCS#11 module. Throws SYSTEM_PACKAGE_MISSING. */
export function findSoftHsm(places: readonly string[] = PLACES): string {
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new ChanceryError('SYSTEM_PACKAGE_MISSING', 'the PKCS#11 module of SoftHSM is not installed', {
    hint: 'run: apt-get install -y softhsm2',
  });
}
