import { encodeBase64 } from '../../core/base64.js';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A proof that an entry is in a log (C2SP tlog-proof): everything a verifier needs but the entry and the keys. */
export interface TlogProof {
  /** Opaque to the format; absent in ours. */
  readonly extra?: Uint8Array;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, whole. */
  readonly checkpoint: string;
}

export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${String(index)}`,
    ...hashes.map(encodeBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}
