import { decodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';
import { readFileOrStdin } from './arguments.js';

/** Of the base64 of the longest transaction, 4096 bytes, with room for line ends. */
const MAX_TEXT_BYTES = 8192;

const HINT = 'expected is a wire transaction in base64 and nothing else, as `base64 < transaction` writes it';

/**
 * A wire transaction in base64 from a file, or from standard input for `-`. Line ends may stand anywhere: `base64`
 * breaks its lines at 76 characters unless told otherwise. Throws USAGE, FILE_UNREADABLE.
 */
export async function readTransactionInput(path: string): Promise<Uint8Array> {
  const text = (await readFileOrStdin(path, MAX_TEXT_BYTES)).toString('latin1').trim();
  const bytes = decodeBase64(text.replace(/\r?\n/g, ''));
  if (bytes !== null && bytes.length > 0) return bytes;
  throw new ChanceryError(
    'USAGE',
    `${path === '-' ? 'standard input' : path} holds no transaction in base64`,
    { hint: HINT },
  );
}
