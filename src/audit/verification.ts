import type { RepairBody } from '../ledger/entries.js';
import type { Policy } from '../policy/policy.js';
import type { TlogPolicy } from '../ledger/note/tlog-policy.js';
import { AbsentStart } from './absent-start.js';
import { readBlob } from './blobs.js';
import { Examination } from './check/examination.js';
import { expectedCheckpoints, type CheckpointFile } from './check/expected-checkpoints.js';
import { ledgerNoteKey, type KnownLedger } from './check/ledger-key.js';
import { SignatureQueue } from './check/signature-queue.js';
import type { SignatureVerifier } from './check/signature-verifier.js';
import { TileCheck } from './check/tile-check.js';
import { WitnessCheck } from './check/witness-check.js';
import { loadPolicy } from './load-policy.js';
import { pinFault, type PinnedKey } from './pinned-keys.js';
import { problem, type Damage, type Problem } from './read/damage.js';
import type { Progress } from './read/progress.js';
import { sizeOf, type Segment } from './read/segments.js';
import { walk, type Step } from './read/walk.js';
import type { VerifyReport } from './verify-report.js';

/** What a verification reads. */
interface Sources {
  /** Of the ledger: blobs and tiles are there. */
  readonly directory: string;
  readonly segments: readonly Segment[];
  readonly checkpoints: readonly CheckpointFile[];
  /** How many of the checkpoints were kept elsewhere. */
  readonly retained: number;
  readonly pins: readonly PinnedKey[];
  readonly witnesses: TlogPolicy | null;
}

type Place = Pick<Damage, 'sequence' | 'file' | 'offset'>;

/** One verification, from the first segment there is to the last. */
export class Verification {
  readonly #sources: Sources;
  readonly #progress: ((progress: Progress) => void) | undefined;
  readonly #examination: Examination;
  readonly #signatures: SignatureQueue;
  readonly #tiles: TileCheck;
  readonly #witnesses: WitnessCheck;
  readonly #absent: AbsentStart | null;
  #known: KnownLedger | null = null;
  #last: Step | null = null;
  #from: string | null = null;
  #bytes = 0;

  constructor(
    sources: Sources,
    verifier: SignatureVerifier,
    onlyHashes: boolean,
    progress?: (progress: Progress) => void,
  ) {
    this.#sources = sources;
    this.#progress = progress;
    const { directory, segments, checkpoints, pins } = sources;
    const report = (damage: Damage): void => {
      this.#examination.add(damage);
    };
    this.#signatures = new SignatureQueue(verifier, report);
    this.#tiles = new TileCheck(directory, report);
    this.#witnesses = new WitnessCheck(sources.witnesses);
    const [first] = segments;
    this.#absent =
      first === undefined || first.first === 0 ? null : new AbsentStart(first, directory, pins, checkpoints);
    this.#examination = new Examination({
      signatures: onlyHashes ? null : this.#signatures,
      scope: this.#absent !== null ? 'tail' : onlyHashes ? 'hashes' : 'all',
      from: first?.first ?? 0,
      completed: this.#tiles.completed,
    });
  }

  async run(): Promise<VerifyReport> {
    const broken = (await this.#beginAbsent()) ?? (await this.#walk());
    if (broken !== null) this.#examination.add(broken);
    else if (this.#last === null) this.#missing();
    // What stopped the walk says nothing of what would have come after it.
    if (broken === null || broken.kind === 'torn-tail') this.#finish();
    this.#examination.settle();
    await this.#tiles.finish();
    await this.#signatures.drain();
    return this.#report();
  }

  #finish(): void {
    const untied = this.#absent?.untied(this.#examination.metSize) ?? null;
    if (untied !== null) this.#examination.add(untied);
    this.#examination.finish(this.#end());
  }

  async #walk(): Promise<Damage | null> {
    const { segments } = this.#sources;
    const totalBytes = sizeOf(segments);
    let broken: Damage | null = null;
    for await (const walked of walk(segments, segments[0]?.first)) {
      if (walked.damage !== undefined) broken = walked.damage;
      else await this.#seeAll(walked.steps);
      this.#progress?.({ entries: this.#examination.tree.size, bytes: this.#bytes, totalBytes });
      await this.#signatures.room();
    }
    return broken;
  }

  async #seeAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (this.#last === null)
        this.#absent?.joins(step, (found) => {
          this.#add(step, found);
        });
      this.#last = step;
      this.#from ??= step.entry.time;
      this.#bytes += step.length;
      const { entry } = step;
      const policy = entry.type === 'policy' ? await this.#policy(step, entry.sha256) : null;
      if (entry.type === 'repair') this.#cut(step, entry);
      this.#examination.see(step, policy);
      if (step.sequence === 0) this.#begin(step);
    }
  }

  async #policy(step: Step, sha256: string): Promise<Policy | null> {
    const policy = await loadPolicy(this.#sources.directory, sha256);
    if ('kind' in policy) {
      this.#add(step, policy);
      return null;
    }
    this.#witnesses.see(step.sequence, policy);
    return policy;
  }

  /** The torn bytes that a repair cut off are evidence. */
  #cut(step: Step, { sha256, bytes }: RepairBody): void {
    const blob = readBlob(this.#sources.directory, sha256);
    if (!Buffer.isBuffer(blob)) this.#add(step, blob);
    else if (blob.length !== bytes)
      this.#add(
        step,
        problem('blob', `${String(bytes)} bytes were cut, blobs/${sha256} has ${String(blob.length)}`),
      );
  }

  /** The hashes of what is not there; what keeps the rest from being verified. */
  async #beginAbsent(): Promise<Damage | null> {
    const absent = this.#absent;
    if (absent === null) return null;
    this.#known = absent.ledger;
    if (absent.ledger === null) return absent.nothingTies();
    this.#expect(absent.ledger, absent.place);
    for await (const leaves of absent.leaves()) {
      for (const leaf of leaves) this.#examination.appendAbsent(leaf, absent.place);
    }
    return absent.notCovered(this.#examination.tree.size);
  }

  /** Genesis has been seen: whose ledger it is, and whose checkpoints count. */
  #begin(step: Step): void {
    const { origin, ledgerKey: publicKey } = this.#examination.statements;
    if (origin === null || publicKey === null) return;
    const fault = pinFault(this.#sources.pins, origin, publicKey);
    if (fault !== null) this.#add(step, problem('genesis', fault));
    const key = ledgerNoteKey(origin, publicKey);
    if (key === null) this.#add(step, problem('genesis', 'the ledger key is no sound Ed25519 key'));
    else this.#expect((this.#known = { origin, publicKey, key }), step);
  }

  #expect({ key }: KnownLedger, place: Place): void {
    const { checkpoints } = this.#sources;
    const report = (found: Problem): void => {
      this.#add({ sequence: place.sequence, file: '', offset: 0 }, found);
    };
    this.#examination.expect(expectedCheckpoints(checkpoints, key, report), place);
  }

  #missing(): void {
    const file = this.#sources.segments[0]?.name ?? '';
    this.#add({ sequence: 0, file, offset: 0 }, problem('genesis', 'the ledger holds no entry'));
  }

  #add({ sequence, file, offset }: Place, found: Problem): void {
    this.#examination.add({ ...found, sequence, file, offset });
  }

  #end(): Place {
    const last = this.#last;
    return last === null
      ? { sequence: 0, file: '', offset: 0 }
      : { sequence: last.sequence + 1, file: last.file, offset: last.offset + last.length };
  }

  #report(): VerifyReport {
    const examination = this.#examination;
    const { segments, checkpoints, retained, pins } = this.#sources;
    const cosigned = this.#witnesses.finish(examination.expected, (damage) => {
      examination.add(damage);
    });
    const { damages } = examination;
    return {
      sound: damages.length === 0 && this.#absent === null,
      damages,
      damageCount: examination.damageCount,
      absent: this.#absent?.report ?? null,
      // Nothing is read where nothing ties it to what is absent.
      entries: Math.max(0, examination.tree.size - (this.#absent?.first ?? 0)),
      bytes: this.#bytes,
      segments: segments.length,
      origin: examination.statements.origin ?? this.#known?.origin ?? null,
      ledgerKey: examination.statements.ledgerKey ?? this.#known?.publicKey ?? null,
      pinned: pins.length > 0,
      head: this.#last?.hash.toString('hex') ?? null,
      root: examination.tree.root().toString('base64'),
      from: this.#from,
      to: this.#last?.entry.time ?? null,
      counts: Object.fromEntries(examination.counts),
      signatures: this.#signatures.checked,
      statements: examination.statements.verified,
      checkpoints: {
        given: checkpoints.length,
        retained,
        met: examination.checkpointsMet,
        voided: examination.checkpointsVoided,
      },
      witnesses: { required: this.#witnesses.required, cosigned },
      tiles: this.#tiles.compared,
      open: examination.outcomes.open,
    };
  }
}
