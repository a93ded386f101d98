import { givenWitnesses } from './check/witness-check.js';
import { readCheckpoints } from './check/expected-checkpoints.js';
import { threadedVerifier } from './check/signature-threads.js';
import { inlineVerifier } from './check/signature-verifier.js';
import { parsePinnedKey } from './pinned-keys.js';
import type { Progress } from './read/progress.js';
import { listSegments, type LedgerFiles } from './read/segments.js';
import { Verification } from './verification.js';
import type { VerifyReport } from './verify-report.js';

export interface VerifyOptions extends LedgerFiles {
  /** Ledger keys known from elsewhere; without one the genesis vouches for itself. */
  readonly publicKeys?: readonly string[];
  /** Files of checkpoints kept outside the ledger: the only thing that shows a shortened or rewritten one. */
  readonly checkpoints?: readonly string[];
  /** Text of a C2SP tlog-policy known from elsewhere; without one the ledger's policies name the witnesses. */
  readonly witnesses?: string;
  /** Leaves out Ed25519 of the signed messages, authority and counts. */
  readonly onlyHashes?: boolean;
  /** Threads for Ed25519; 0 (the default) verifies in the caller's. */
  readonly threads?: number;
  readonly progress?: (progress: Progress) => void;
}

/**
 * Verifies a ledger from its files and public keys alone, streaming. Nothing of the code that writes ledgers is
 * used. What is wrong is in the report; throws only for what stops it from reading: LEDGER_MISSING,
 * FILE_UNREADABLE, USAGE (a public key or a witness policy that is none).
 */
export async function verifyLedger(options: VerifyOptions): Promise<VerifyReport> {
  const { directory, onlyHashes = false, progress } = options;
  const pins = (options.publicKeys ?? []).map(parsePinnedKey);
  const witnesses = options.witnesses === undefined ? null : givenWitnesses(options.witnesses);
  const retained = options.checkpoints ?? [];
  // Before the segments: what a checkpoint covers was durable before it, also while a daemon goes on writing.
  const checkpoints = readCheckpoints(directory, retained);
  const segments = await listSegments(options);
  const threads = onlyHashes ? 0 : (options.threads ?? 0);
  const verifier = threads > 0 ? threadedVerifier(threads) : inlineVerifier();
  const sources = { directory, segments, checkpoints, retained: retained.length, pins, witnesses };
  try {
    return await new Verification(sources, verifier, onlyHashes, progress).run();
  } finally {
    await verifier.close();
  }
}
