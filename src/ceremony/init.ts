import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatTime, type Clock } from '../core/clock.js';
import { encodeBase58 } from '../core/base58.js';
import { ChanceryError } from '../core/errors.js';
import { systemCode, type Files } from '../core/files.js';
import { isSignerName, originOf } from '../core/origin.js';
import { sha256Hex } from '../core/sha256.js';
import { checkSocketPath } from '../core/socket-path.js';
import { initialiseToken, openAdministration } from '../hsm/administration.js';
import { softHsmConf } from '../hsm/softhsm-conf.js';
import type { TokenIdentity } from '../hsm/token-options.js';
import { tidyEnd } from '../os/tidy-end.js';
import { parsePolicy } from '../policy/parse-policy.js';
import { buildPayload } from '../sovereign/build-payload.js';
import type { Envelope } from '../sovereign/envelope.js';
import {
  DEVELOPMENT_THRESHOLD,
  DEVELOPMENT_WORKLOAD,
  developmentConfig,
  developmentPolicy,
} from './development-files.js';
import { STAGE_PREFIX, takeEmptyDirectory } from './empty-directory.js';
import { findSoftHsm } from './find-softhsm.js';
import { addSshSignature, newStatementId, statementText, unsigned } from './sign-statement.js';
import { makeSshKey } from './ssh-keygen.js';
import { NO_POLICY, startLedger } from './start-ledger.js';

export interface InitOptions {
  /** Empty or absent. */
  readonly directory: string;
  readonly name: string;
  readonly clock: Clock;
  readonly files: Files;
  /** The compiled PKCS#11 host. */
  readonly hostScript: string;
}

export interface Initialised {
  readonly directory: string;
  /** Absolute path of chancery.yaml. */
  readonly config: string;
  readonly origin: string;
  readonly workload: string;
  readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  /** The development Sovereign's private key. */
  readonly sovereign: string;
}

/** What init leaves in the directory; chancery.yaml last, since with it the set-up exists. */
const PIECES = [
  'secrets',
  'tokens',
  'softhsm2.conf',
  'run',
  'ledger',
  'genesis.json',
  'policy.yaml.sig',
  'policy.yaml',
  'chancery.yaml',
] as const;

const AUTHORITY = 'developer';

/**
 * Makes a working development set-up. Everything is built in a hidden directory inside and moved into place at the
 * end; when something fails nothing is left. Throws USAGE (name), PATH_TOO_LONG, DIRECTORY_NOT_EMPTY,
 * FILE_UNREADABLE, SYSTEM_PACKAGE_MISSING, CONFIG_INVALID (a path SoftHSM cannot express), and what the token throws.
 */
export async function init(options: InitOptions): Promise<Initialised> {
  const { name } = options;
  if (options.directory === '') throw new ChanceryError('USAGE', 'the directory has no name');
  const directory = resolve(options.directory);
  if (!isSignerName(name)) {
    throw new ChanceryError('USAGE', `${JSON.stringify(name)} is no name for a signer`, {
      hint: '1 to 32 lower-case letters, digits and inner dashes',
    });
  }
  for (const socket of ['signer.sock', 'admin.sock']) checkSocketPath(join(directory, 'run', socket));
  const module = findSoftHsm();
  const tokenConf = softHsmConf(join(directory, 'tokens'));
  return await tidyEnd((told) => make(options, { directory, module, tokenConf, told }));
}

/** Whatever the umask: who may write the configuration, or where a socket is, could become the daemon. */
const PLAIN = { mode: 0o644 };

interface Making {
  readonly directory: string;
  readonly module: string;
  readonly tokenConf: string;
  /** Whether this process is to end: then nothing is left. */
  readonly told: AbortSignal;
}

async function make(
  options: InitOptions,
  { directory, module, tokenConf, told }: Making,
): Promise<Initialised> {
  const taken = await takeEmptyDirectory(directory);
  let stage: string | null = null;
  const moved: string[] = [];
  try {
    stage = await mkdtemp(join(directory, STAGE_PREFIX));
    const made = await build(stage, module, options, told);
    // The ceremony ran where the token directory stood then; from now on it stands here.
    await writeFile(join(stage, 'softhsm2.conf'), tokenConf);
    for (const piece of PIECES) {
      await rename(join(stage, piece), join(directory, piece));
      moved.push(piece);
    }
    told.throwIfAborted();
    await rm(stage, { recursive: true });
    await options.files.syncDirectory(directory);
    return {
      ...made,
      directory,
      config: join(directory, 'chancery.yaml'),
      sovereign: join(directory, 'secrets', 'sovereign'),
    };
  } catch (error) {
    if (stage !== null) await rm(stage, { recursive: true, force: true });
    for (const piece of moved) await rm(join(directory, piece), { recursive: true, force: true });
    await taken.undo();
    throw explained(error, directory);
  }
}

/** What the file system refuses in the middle comes without the name of a file, and is no defect of ours. */
function explained(error: unknown, directory: string): unknown {
  const why = systemCode(error);
  if (error instanceof ChanceryError || why === null) return error;
  return new ChanceryError('FILE_UNREADABLE', `cannot make the set-up in ${directory} (${why})`, {
    cause: error,
    hint: 'make room there, or choose a directory this user may write in; nothing was changed',
  });
}

async function build(
  stage: string,
  module: string,
  { name, clock, files, hostScript }: InitOptions,
  told: AbortSignal,
): Promise<Pick<Initialised, 'origin' | 'keys' | 'workload'>> {
  for (const piece of ['secrets', 'tokens']) await mkdir(join(stage, piece), { mode: 0o700 });
  await mkdir(join(stage, 'run'), { mode: 0o755 });
  await writeFile(join(stage, 'chancery.yaml'), developmentConfig(name, module), PLAIN);

  const { token, wallet, ledger } = await makeToken(stage, module, name, hostScript);
  told.throwIfAborted();
  const sovereign = join(stage, 'secrets', 'sovereign');
  const ssh = await makeSshKey(sovereign, `development Sovereign of ${name}`);
  const authority = { id: AUTHORITY, ssh };
  const origin = originOf(name, ledger);
  const address = { wallet: encodeBase58(wallet), ledger: encodeBase58(ledger) };
  const uid = process.getuid?.() ?? 0;
  const policy = Buffer.from(developmentPolicy({ origin, authority, token, uid, ...address }));
  await writeFile(join(stage, 'policy.yaml'), policy, PLAIN);

  const { authorities } = parsePolicy(policy).sovereign;
  const sign = (payload: Uint8Array): Promise<Envelope> =>
    addSshSignature(unsigned(payload), sovereign, authorities, told);
  const common = { signer: origin, epoch: 1, issuedAt: formatTime(clock.wall()) };
  const sha256 = sha256Hex(policy);
  const genesis = await sign(
    buildPayload('genesis', {
      ...common,
      id: newStatementId(),
      publicKey: address.ledger,
      authorities: [authority],
      threshold: DEVELOPMENT_THRESHOLD,
      policy: sha256,
    }),
  );
  const policyStatement = await sign(
    buildPayload('policy', { ...common, id: newStatementId(), serial: 1, previous: NO_POLICY, sha256 }),
  );
  await writeFile(join(stage, 'genesis.json'), statementText(genesis), PLAIN);
  await writeFile(join(stage, 'policy.yaml.sig'), statementText(policyStatement), PLAIN);
  const directory = join(stage, 'ledger');
  await startLedger({ name, directory, files, clock, genesis, policy, policyStatement });
  await unfinished(stage);
  return {
    origin,
    workload: DEVELOPMENT_WORKLOAD,
    keys: [
      { id: 'trading-1', publicKey: address.wallet },
      { id: 'ledger', publicKey: address.ledger },
    ],
  };
}

/** Initialises a token and generates both keys in it; the PINs are made and stay in the HSM host. */
async function makeToken(
  stage: string,
  module: string,
  name: string,
  hostScript: string,
): Promise<{ readonly token: TokenIdentity; readonly wallet: Uint8Array; readonly ledger: Uint8Array }> {
  const conf = join(stage, 'softhsm2.conf');
  await writeFile(conf, softHsmConf(join(stage, 'tokens')), PLAIN);
  const environment = { SOFTHSM2_CONF: conf };
  const secrets = join(stage, 'secrets');
  const pinFile = join(secrets, 'pin');
  const soPinFile = join(secrets, 'so-pin');
  const token = await initialiseToken({ module, environment, label: name, pinFile, soPinFile, hostScript });
  const administration = await openAdministration({
    module,
    environment,
    pin: { file: pinFile },
    pinned: token,
    hostScript,
    latchDirectory: secrets,
  });
  try {
    const wallet = await administration.generateKey({ label: 'trading-1' });
    const ledger = await administration.generateKey({ label: 'ledger' });
    return { token, wallet: wallet.publicKey, ledger: ledger.publicKey };
  } finally {
    await administration.close();
  }
}

/** A piece that was made and would not be moved is a mistake of ours: better found here than missed later. */
async function unfinished(stage: string): Promise<void> {
  const known: ReadonlySet<string> = new Set(PIECES);
  const extra = (await readdir(stage)).filter((name) => !known.has(name));
  if (extra.length > 0) throw new ChanceryError('INTERNAL', `init left ${extra.join(', ')} behind`);
}
