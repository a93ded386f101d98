import { InvalidArgumentError, Option } from 'commander';
import { decodeBase64 } from '../core/base64.js';
import { formatDuration, parseDuration, type Duration } from '../core/duration.js';
import { ChanceryError } from '../core/errors.js';
import { MAX_INPUT_BYTES, readFileUpTo } from '../core/read-file.js';
import { keyLabel, reason } from '../protocol/fields.js';

/** Options that several commands take. */
export interface OperatorOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly json?: boolean;
}

/** For commander: `30m` to milliseconds. */
export function duration(text: string): Duration {
  const parsed = parseDuration(text);
  if (parsed === null) throw new InvalidArgumentError('expected a duration like 90s, 30m, 1h or 7d');
  return parsed;
}

/** An option that is a duration; help shows its default as one would give it, not in milliseconds. */
export function durationOption(
  flags: string,
  description: string,
  fallback: Duration,
  parse: (text: string) => Duration = duration,
): Option {
  return new Option(flags, description).argParser(parse).default(fallback, formatDuration(fallback));
}

/** For commander: a whole number from 1. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}

/** For commander: a sequence of a ledger entry. */
export function sequenceNumber(text: string): number {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) throw new InvalidArgumentError('expected a sequence number');
  return Number(text);
}

/** For commander: the root of a tree, as checkpoints and `chancery status` write it. */
export function rootHash(text: string): string {
  if (decodeBase64(text)?.length === 32) return text;
  throw new InvalidArgumentError('expected the base64 of 32 bytes');
}

/** For commander: why something is done, within what the ledger takes, daemon or not. */
export function reasonText(text: string): string {
  if (reason.safeParse(text).success) return text;
  throw new InvalidArgumentError('expected a reason of 1 to 500 characters: the ledger keeps it');
}

/** For commander: the label of a key on a token. */
export function labelText(text: string): string {
  if (keyLabel.safeParse(text).success) return text;
  throw new InvalidArgumentError('expected a label of 1 to 64 printable ASCII characters');
}

/** For commander: an option that may stand several times. */
export function collect(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}

/** A file's bytes. Throws FILE_UNREADABLE, also for more than `most` bytes. */
export function readInput(path: string, most = MAX_INPUT_BYTES): Buffer {
  return readFileUpTo(path, path, most, 'awaited');
}

/** The bytes of a file, or of standard input for `-`. Throws FILE_UNREADABLE, also for more than `most` bytes. */
export async function readFileOrStdin(path: string, most: number): Promise<Buffer> {
  if (path !== '-') return readInput(path, most);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > most) {
      throw new ChanceryError('FILE_UNREADABLE', `standard input is longer than ${String(most)} bytes`, {
        hint: 'give it the file that is meant',
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
