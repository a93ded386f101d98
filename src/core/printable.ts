/**
 * Text of another party as it may stand on a terminal: control, direction-changing and invisible characters are
 * shown as \u{…}, so that a memo, a reason or a path can neither move the cursor nor reorder what is read.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
