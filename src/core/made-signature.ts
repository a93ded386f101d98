/** A signature of a key, as the ledger has it. */
export interface MadeSignature {
  /** Wall, milliseconds. */
  readonly time: number;
  readonly key: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly sequence: number;
}
