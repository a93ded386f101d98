const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

export interface Cosignature {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly signature: Uint8Array;
  /** What the witness signed. */
  readonly message: Uint8Array;
}

/** The bytes a witness signs (C2SP tlog-cosignature): its domain, its time, the whole note text. */
export function cosignedMessage(time: number, noteText: string): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${String(time)}\n${noteText}`);
}

/** Takes the signature bytes of a note line of algorithm 0x04 apart; null when they are not a cosignature. */
export function readCosignature(noteText: string, blob: Uint8Array): Cosignature | null {
  if (blob.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
  const seconds = Buffer.from(blob).readBigUInt64BE(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const time = Number(seconds);
  return { time, signature: blob.subarray(TIME_BYTES), message: cosignedMessage(time, noteText) };
}
