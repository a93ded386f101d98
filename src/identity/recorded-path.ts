/** Bytes that a path may take in an entry, as JSON. */
const MOST_BYTES = 1024;

/**
 * The path of a caller's executable as it is recorded, for people: it proves nothing. A caller chooses it, up to 4,096
 * bytes of which JSON makes six each, and an entry has room for 65,535: what is longer is cut, and ends in `…`.
 */
export function recordedPath(path: string): string {
  if (bytesOf(path) <= MOST_BYTES) return path;
  let left = MOST_BYTES - bytesOf('…');
  let kept = '';
  for (const character of path) {
    left -= bytesOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Without the quotes. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
