const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const SEGMENT = /^[A-Za-z0-9._-]+$/;
/** SPIFFE ID specification, section 2.3: implementations must support 2048 bytes and must not generate more. */
const MAX_BYTES = 2048;
const SCHEME = 'spiffe://';

/**
 * A workload's SPIFFE ID, unchanged, or null (SPIFFE-ID 2.1 to 2.3). It reads the characters as they stand:
 * `URL` lowers case, decodes and removes dots, so that two texts would name one workload. A trust domain alone
 * names no workload and is null too.
 */
export function parseSpiffeId(text: string): string | null {
  if (text.length > MAX_BYTES || !text.startsWith(SCHEME)) return null;
  const [trustDomain = '', ...segments] = text.slice(SCHEME.length).split('/');
  if (!TRUST_DOMAIN.test(trustDomain) || segments.length === 0) return null;
  const sound = segments.every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..');
  return sound ? text : null;
}
