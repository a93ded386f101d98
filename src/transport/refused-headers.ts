/**
 * The header that shows that a proxy or a browser stands between, or null. One connection is one caller: behind a
 * proxy every caller would be the proxy, and a page in a browser is nobody's workload.
 */
export function refusedHeader(rawHeaders: readonly string[]): string | null {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (name === 'origin' || name === 'via' || name === 'forwarded' || name.startsWith('x-forwarded-'))
      return name;
  }
  return null;
}
