/** An entry of the ledger as an answer names it. */
export function wireEntry({ sequence, hash }: { readonly sequence: number; readonly hash: string }): {
  readonly sequence: string;
  readonly hash: string;
} {
  return { sequence: String(sequence), hash };
}
