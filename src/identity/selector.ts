/** SPIRE's unix selectors (docs/architecture/identity.md). A registration matches when all of its selectors hold. */
export type Selector =
  | { readonly kind: 'unix:uid'; readonly value: number }
  | { readonly kind: 'unix:gid'; readonly value: number }
  | { readonly kind: 'unix:user'; readonly value: string }
  | { readonly kind: 'unix:group'; readonly value: string }
  | { readonly kind: 'unix:supplementary_gid'; readonly value: number }
  | { readonly kind: 'unix:supplementary_group'; readonly value: string }
  | { readonly kind: 'unix:path'; readonly value: string }
  | { readonly kind: 'unix:sha256'; readonly value: string };

const UINT32 = /^(0|[1-9]\d{0,9})$/;
const ACCOUNT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * Reads `kind:value` as SPIRE writes it, e.g. `unix:uid:1001`. Null when the kind is unknown or the value is not
 * one that the kernel could ever report (a path that is relative or not in its plain form, an upper-case hash):
 * such a selector would never match, and its author believes it does.
 */
export function parseSelector(text: string): Selector | null {
  const second = text.indexOf(':', text.indexOf(':') + 1);
  if (second < 0) return null;
  const kind = text.slice(0, second);
  const value = text.slice(second + 1);
  switch (kind) {
    case 'unix:uid':
    case 'unix:gid':
    case 'unix:supplementary_gid': {
      // 4294967295 is (uid_t)-1: "no id" to the kernel.
      const id = UINT32.test(value) ? Number(value) : Number.NaN;
      return id < 0xffff_ffff ? { kind, value: id } : null;
    }
    case 'unix:user':
    case 'unix:group':
    case 'unix:supplementary_group':
      return ACCOUNT_NAME.test(value) ? { kind, value } : null;
    case 'unix:path':
      return isPlainPath(value) ? { kind, value } : null;
    case 'unix:sha256':
      return SHA256_HEX.test(value) ? { kind, value } : null;
    default:
      return null;
  }
}

/** The text form: what `parseSelector` reads back to an equal selector. */
export function formatSelector(selector: Selector): string {
  return `${selector.kind}:${String(selector.value)}`;
}

/** Absolute, printable ASCII, no empty, `.` or `..` segment; the kernel appends ` (deleted)` to unlinked files. */
function isPlainPath(path: string): boolean {
  if (path.length > 4096 || !/^\/[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(path)) return false;
  if (path.endsWith(' (deleted)')) return false;
  return path
    .slice(1)
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
