import { encodeBase64 } from '../../src/core/base64.js';
import { ALGORITHMS, type NoteKey } from '../../src/ledger/note/key.js';

/** `<name>+<id>+<base64 of algorithm ‖ key>`, as other tools of the ecosystem take it. */
export function formatVkey({ name, id, algorithm, key }: NoteKey): string {
  return `${name}+${id}+${encodeBase64(Buffer.concat([Buffer.of(ALGORITHMS[algorithm]), key.bytes]))}`;
}
