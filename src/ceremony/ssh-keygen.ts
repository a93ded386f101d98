import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';

/** A signature in use waits for a touch or a passphrase: as long as a person may take. */
const PATIENCE_MS = 120_000;

/** Above every key file of OpenSSH. */
const MAX_KEY_BYTES = 64 * 1024;

const IDENTITY_HINT = 'give the private key file, or the .pub file of a key that ssh-agent holds';

/**
 * Makes an Ed25519 key without a passphrase, for development only, with the stock tool. Returns the line of the
 * `.pub` file. Throws SYSTEM_PACKAGE_MISSING, INTERNAL.
 */
export async function makeSshKey(path: string, comment: string): Promise<string> {
  await run(['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  await chmod(path, 0o400);
  return (await readFile(`${path}.pub`, 'utf8')).trim();
}

/**
 * Signs bytes with `ssh-keygen -Y sign` and returns the armored signature. `identity` is a private key file, or the
 * `.pub` file of a key that ssh-agent or a FIDO device holds: the tool asks for passphrase, PIN and touch by itself,
 * so no secret passes through here. Nothing is left of it when the process is `told` to end meanwhile. Throws
 * FILE_UNREADABLE, SYSTEM_PACKAGE_MISSING, ABORTED.
 */
export async function signWithSsh(
  bytes: Uint8Array,
  namespace: string,
  identity: string,
  told: AbortSignal,
): Promise<string> {
  await checkIdentity(identity);
  const directory = await mkdtemp(join(tmpdir(), 'chancery-sign-'));
  try {
    const file = join(directory, 'payload.json');
    await writeFile(file, bytes, { mode: 0o600 });
    try {
      await run(['-q', '-Y', 'sign', '-n', namespace, '-f', identity, file], told);
    } catch (error) {
      if (!(error instanceof ChanceryError) || error.code !== 'ABORTED') throw error;
      throw new ChanceryError('ABORTED', `${identity} did not sign: ${error.message}`, {
        cause: error,
        hint: error.hint ?? IDENTITY_HINT,
      });
    }
    return await readFile(`${file}.sig`, 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** ssh-keygen says neither that a file is missing nor that it is no key, and reads a long one for minutes. */
async function checkIdentity(identity: string): Promise<void> {
  try {
    // Of a key that ssh-agent holds only the public half need be there.
    const status = await stat(identity).catch((error: unknown) =>
      stat(`${identity}.pub`).catch(() => Promise.reject(error as Error)),
    );
    if (status.isFile() && status.size <= MAX_KEY_BYTES) return;
  } catch (cause) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the key ${identity}`, {
      cause,
      hint: IDENTITY_HINT,
    });
  }
  throw new ChanceryError('FILE_UNREADABLE', `${identity} is no SSH key file`, { hint: IDENTITY_HINT });
}

/** What it says in a container that runs under any uid at all. */
const NO_ACCOUNT = 'No user exists for uid';
const MAKE_ACCOUNT =
  'ssh-keygen works for users that /etc/passwd has only: run it as one, or add this uid there';

/**
 * Standard input stays the caller's: that is where a person types a passphrase. Of a process that is `told` to end the
 * tool is waited for: it puts the terminal right again, whose echo it has turned off.
 */
async function run(args: readonly string[], told?: AbortSignal): Promise<void> {
  told?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const child = spawn('ssh-keygen', args, { stdio: ['inherit', 'ignore', 'pipe'], timeout: PATIENCE_MS });
    const end = (): void => {
      child.kill();
      // A helper of its own (for a touch, for a passphrase) has it too, and may never end.
      child.stderr.destroy();
    };
    told?.addEventListener('abort', end);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      // What a person is asked (touch the device) must be seen while it is asked.
      process.stderr.write(chunk);
      said = (said + chunk.toString()).slice(-500);
    });
    child.once('error', (cause) => {
      reject(missing(cause));
    });
    child.once('close', (code, signal) => {
      told?.removeEventListener('abort', end);
      if (code === 0) resolve();
      else {
        const how = `ssh-keygen ended with ${String(code ?? signal)}`;
        reject(new ChanceryError('ABORTED', how, said.includes(NO_ACCOUNT) ? { hint: MAKE_ACCOUNT } : {}));
      }
    });
  });
}

function missing(cause: Error): ChanceryError {
  if (systemCode(cause) !== 'ENOENT') {
    return new ChanceryError('INTERNAL', `cannot run ssh-keygen: ${cause.message}`, { cause });
  }
  return new ChanceryError('SYSTEM_PACKAGE_MISSING', 'ssh-keygen is not installed', {
    cause,
    hint: 'run: apt-get install -y openssh-client',
  });
}
