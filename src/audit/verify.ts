import { parseAddress, pubkeyBytes } from '../core/pubkey.js';
import type { EntryType } from '../ledger/entries.js';
import type { Policy } from '../policy/policy.js';
import { Examination } from './check/examination.js';
import { expectedCheckpoints, readCheckpoints, type CheckpointFiles } from './check/expected-checkpoints.js';
import { noteKey } from './check/note.js';
import { SignatureQueue } from './check/signature-queue.js';
import { threadedVerifier } from './check/signature-threads.js';
import { inlineVerifier, type SignatureVerifier } from './check/signature-verifier.js';
import { loadPolicy } from './load-policy.js';
import { parsePinnedKey, pinFault, type PinnedKey } from './pinned-keys.js';
import { problem, type Damage, type Problem } from './read/damage.js';
import { listSegments, type Segment } from './read/segments.js';
import { walk, type Step } from './read/walk.js';

export interface VerifyOptions {
  /** The ledger directory. */
  readonly directory: string;
  /** Directories to which old segments were moved. */
  readonly archives?: readonly string[];
  /** Ledger keys known from elsewhere; without one the genesis vouches for itself. */
  readonly publicKeys?: readonly string[];
  /** Files of checkpoints kept outside the ledger: the only thing that shows a shortened or rewritten one. */
  readonly checkpoints?: readonly string[];
  /** Leaves out Ed25519 of the signed messages, authority and counts. */
  readonly onlyHashes?: boolean;
  /** Threads for Ed25519; 0 (the default) verifies in the caller's. */
  readonly threads?: number;
  readonly progress?: (progress: Progress) => void;
}

interface Progress {
  readonly entries: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface VerifyReport {
  /** Nothing wrong was found. */
  readonly sound: boolean;
  /** By sequence, at most 100; the first decides the exit code. */
  readonly damages: readonly Damage[];
  readonly damageCount: number;
  /** Entries found sound, up to the first damage of the chain. */
  readonly entries: number;
  readonly bytes: number;
  readonly segments: number;
  readonly origin: string | null;
  /** Base58. */
  readonly ledgerKey: string | null;
  /** Whether the ledger key was given by the caller. */
  readonly pinned: boolean;
  /** Hash of the last entry, hex, and RFC 6962 root, base64. */
  readonly head: string | null;
  readonly root: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly counts: Readonly<Partial<Record<EntryType, number>>>;
  /** Ed25519 signatures over logged messages that were verified. */
  readonly signatures: number;
  /** Sovereign statements verified. */
  readonly statements: number;
  /** Checkpoints there are (the ledger's own and those kept elsewhere), and those that this ledger meets. */
  readonly checkpoints: { readonly given: number; readonly retained: number; readonly met: number };
  /** Authorizations still in flight at the end. */
  readonly open: readonly number[];
}

/**
 * Verifies a ledger from its files and public keys alone, streaming. Nothing of the code that writes ledgers is
 * used. What is wrong is in the report; throws only for what stops it from reading: LEDGER_MISSING,
 * FILE_UNREADABLE, USAGE (a public key that is none).
 */
export async function verifyLedger(options: VerifyOptions): Promise<VerifyReport> {
  const pins = (options.publicKeys ?? []).map(parsePinnedKey);
  const segments = await listSegments([options.directory, ...(options.archives ?? [])]);
  const checkpoints = await readCheckpoints(options.directory, options.checkpoints ?? []);
  const threads = options.onlyHashes === true ? 0 : (options.threads ?? 0);
  const verifier = threads > 0 ? threadedVerifier(threads) : inlineVerifier();
  try {
    return await new Run(options, segments, checkpoints, pins, verifier).verify();
  } finally {
    await verifier.close();
  }
}

/** One verification. */
class Run {
  readonly #options: VerifyOptions;
  readonly #segments: readonly Segment[];
  readonly #checkpoints: readonly CheckpointFiles[];
  readonly #pins: readonly PinnedKey[];
  readonly #examination: Examination;
  readonly #signatures: SignatureQueue;
  #last: Step | null = null;
  #from: string | null = null;
  #bytes = 0;

  constructor(
    options: VerifyOptions,
    segments: readonly Segment[],
    checkpoints: readonly CheckpointFiles[],
    pins: readonly PinnedKey[],
    verifier: SignatureVerifier,
  ) {
    this.#options = options;
    this.#segments = segments;
    this.#checkpoints = checkpoints;
    this.#pins = pins;
    this.#signatures = new SignatureQueue(verifier, (damage) => {
      this.#examination.add(damage);
    });
    const onlyHashes = options.onlyHashes ?? false;
    this.#examination = new Examination(onlyHashes ? null : this.#signatures, onlyHashes);
  }

  async verify(): Promise<VerifyReport> {
    const totalBytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    let broken: Damage | null = null;
    for await (const walked of walk(this.#segments)) {
      if (walked.damage !== undefined) broken = walked.damage;
      else await this.#seeAll(walked.steps);
      const { size: entries } = this.#examination.tree;
      this.#options.progress?.({ entries, bytes: this.#bytes, totalBytes });
      await this.#signatures.room();
    }
    if (broken !== null) this.#examination.add(broken);
    else if (this.#last === null) this.#missing();
    this.#examination.finish(this.#end());
    await this.#signatures.drain();
    return this.#report();
  }

  async #seeAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#last = step;
      this.#from ??= step.entry.time;
      this.#bytes += step.length;
      const policy = step.entry.type === 'policy' ? await this.#policy(step, step.entry.sha256) : null;
      this.#examination.see(step, policy);
      if (step.sequence === 0) this.#begin(step);
    }
  }

  async #policy(step: Step, sha256: string): Promise<Policy | null> {
    const policy = await loadPolicy(this.#options.directory, sha256);
    if (!('kind' in policy)) return policy;
    this.#add(step, policy);
    return null;
  }

  /** Genesis has been seen: whose ledger it is, and whose checkpoints count. */
  #begin(step: Step): void {
    const { origin, ledgerKey } = this.#examination.statements;
    if (origin === null || ledgerKey === null) return;
    const fault = pinFault(this.#pins, origin, ledgerKey);
    if (fault !== null) this.#add(step, problem('genesis', fault));
    const pubkey = parseAddress(ledgerKey);
    const key = pubkey === null ? null : noteKey(origin, pubkeyBytes(pubkey));
    if (key === null) this.#add(step, problem('genesis', 'the ledger key is no sound Ed25519 key'));
    const report = (found: Problem): void => {
      this.#add({ ...step, file: '', offset: 0 }, found);
    };
    this.#examination.expect(
      expectedCheckpoints(this.#checkpoints, origin, key === null ? [] : [key], report),
      step,
    );
  }

  #missing(): void {
    const message = 'the ledger holds no entry';
    this.#examination.add({
      kind: 'genesis',
      message,
      sequence: 0,
      file: this.#segments[0]?.name ?? '',
      offset: 0,
    });
  }

  #add({ sequence, file, offset }: Pick<Step, 'sequence' | 'file' | 'offset'>, found: Problem): void {
    this.#examination.add({ ...found, sequence, file, offset });
  }

  #end(): Omit<Damage, 'kind' | 'message'> {
    const last = this.#last;
    return last === null
      ? { sequence: 0, file: '', offset: 0 }
      : { sequence: last.sequence + 1, file: last.file, offset: last.offset + last.length };
  }

  #report(): VerifyReport {
    const examination = this.#examination;
    const { damages } = examination;
    const { origin, ledgerKey, verified } = examination.statements;
    return {
      sound: damages.length === 0,
      damages,
      damageCount: examination.damageCount,
      entries: examination.tree.size,
      bytes: this.#bytes,
      segments: this.#segments.length,
      origin,
      ledgerKey,
      pinned: this.#pins.length > 0,
      head: this.#last?.hash.toString('hex') ?? null,
      root: examination.tree.root().toString('base64'),
      from: this.#from,
      to: this.#last?.entry.time ?? null,
      counts: Object.fromEntries(examination.counts),
      signatures: this.#signatures.checked,
      statements: verified,
      checkpoints: {
        given: this.#checkpoints.length,
        retained: this.#options.checkpoints?.length ?? 0,
        met: examination.checkpointsMet,
      },
      open: examination.outcomes.open,
    };
  }
}
