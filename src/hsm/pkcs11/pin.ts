import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { Secret } from '../../core/secret.js';
import type { PinSource } from '../token-options.js';

const MAX_PIN_BYTES = 1024;

export interface Pin {
  readonly secret: Secret;
  /** Where it came from, for messages. */
  readonly source: string;
}

/**
 * Reads the PIN, in the host process only. A file must be regular, not a link, and readable by its owner alone.
 * Files that systemd puts under $CREDENTIALS_DIRECTORY may carry an ACL, whose mask shows as group bits: there
 * only the rights of others are refused; systemd keeps the directory closed.
 *
 * Throws FILE_UNREADABLE, PERMISSION_UNSAFE, PIN_REFUSED (empty or no text).
 */
export function readPin(source: PinSource, credentialsDirectory: string | undefined): Pin {
  const { path, forbidden } = locate(source, credentialsDirectory);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the PIN file ${path}`, {
      cause: error,
      hint: 'the file must exist, be no symbolic link, and belong to the user the daemon runs as',
    });
  }
  const buffer = Buffer.alloc(MAX_PIN_BYTES + 1);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new ChanceryError('FILE_UNREADABLE', `the PIN file ${path} is no regular file`);
    if ((stat.mode & forbidden) !== 0) {
      throw new ChanceryError('PERMISSION_UNSAFE', `the PIN file ${path} can be read by others`, {
        hint: `chmod 0400 ${path}, and change the PIN if somebody else may have read it`,
      });
    }
    const uid = process.geteuid?.();
    if (stat.uid !== 0 && stat.uid !== uid) {
      throw new ChanceryError('PERMISSION_UNSAFE', `the PIN file ${path} belongs to another user`, {
        hint: 'its owner must be root or the user the daemon runs as',
      });
    }
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return { secret: new Secret(parsePin(buffer.subarray(0, length), path)), source: path };
  } finally {
    buffer.fill(0);
    closeSync(file);
  }
}

function locate(source: PinSource, directory: string | undefined): { path: string; forbidden: number } {
  if ('file' in source) return { path: source.file, forbidden: 0o077 };
  if (!/^[A-Za-z0-9_.-]{1,255}$/.test(source.credential) || source.credential.startsWith('.')) {
    throw new ChanceryError('FILE_UNREADABLE', 'the name of the PIN credential is not a plain file name');
  }
  if (directory === undefined || directory === '') {
    throw new ChanceryError(
      'FILE_UNREADABLE',
      'the PIN is a systemd credential, but CREDENTIALS_DIRECTORY is not set',
      {
        hint: 'the daemon has it from its unit (LoadCredential=); for a command set it to the directory that holds the PIN',
      },
    );
  }
  return { path: join(directory, source.credential), forbidden: 0o007 };
}

/** One trailing line end is an editor's; everything else belongs to the PIN. */
function parsePin(bytes: Buffer, path: string): string {
  const refuse = (why: string): ChanceryError =>
    new ChanceryError('PIN_REFUSED', `the PIN file ${path} ${why}`, {
      hint: 'write the PIN alone, on one line',
    });
  if (bytes.length > MAX_PIN_BYTES) throw refuse(`has more than ${String(MAX_PIN_BYTES)} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('is not UTF-8');
  }
  const pin = text.replace(/\r?\n$/, '');
  if (pin === '') throw refuse('is empty');
  // eslint-disable-next-line no-control-regex -- the very characters that must not occur
  if (/[\u0000-\u001f]/.test(pin)) throw refuse('holds a control character');
  return pin;
}
