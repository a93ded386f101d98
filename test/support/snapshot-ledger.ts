import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Files } from '../../src/core/files.js';
import { Checkpointer } from '../../src/ledger/checkpoint/checkpointer.js';
import type { GenesisBody } from '../../src/ledger/entries.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { makeSnapshot, snapshotFault } from '../../src/ledger/snapshot/fold-to.js';
import type { SnapshotId } from '../../src/ledger/snapshot/snapshot-files.js';
import { Snapshots } from '../../src/ledger/snapshot/snapshots.js';
import { snapshotText } from '../../src/ledger/snapshot/snapshot-text.js';
import { createLedger } from '../../src/ledger/store/create.js';
import type { LedgerEvent } from '../../src/ledger/store/events.js';
import { openLedger } from '../../src/ledger/store/open.js';
import { replayFromSnapshot } from '../../src/ledger/store/replay-from-snapshot.js';
import { replay } from '../../src/ledger/store/replay.js';
import { nodeFiles } from '../../src/os/files.js';
import { ledgerKey, signAsLedger } from './checkpoint-rig.js';
import { authorization, genesis, policy, signature } from './ledger-bodies.js';
import { StillClock } from './ledger-clock.js';
import { addressOf } from './policy-text.js';

const SEGMENT_BYTES = 128 * 1024;

/** The id that the name of a snapshot's file says. */
export function idOf(name: string): SnapshotId {
  return { size: Number(name.slice(0, 12)), sha256: name.slice(13) };
}

interface Place {
  readonly directory: string;
  readonly files: Files;
}

/** The daemon's snapshots, without a thread. */
export function snapshotsOf(
  ledger: Ledger,
  { directory, files }: Place,
  opened: SnapshotId | null = null,
): Snapshots {
  const work = {
    make: (size: number, base: SnapshotId | null) => makeSnapshot(files, directory, size, base),
    fault: (id: SnapshotId) => snapshotFault(files, directory, id),
  };
  return new Snapshots({ ledger, files, directory, work, opened });
}

/** What makes the checkpoints of a ledger, signed by the key of the tests. */
export function checkpointerOf(
  ledger: Ledger,
  { directory, files, clock }: Place & { readonly clock: StillClock },
): Promise<Checkpointer> {
  return Checkpointer.resume({
    ledger,
    files,
    directory,
    clock,
    key: ledgerKey(),
    sign: (message) => Promise.resolve(signAsLedger(message)),
    refuses: () => null,
    faulty: () => Promise.resolve(),
    published: () => undefined,
  });
}

/** A ledger in a temporary directory, in small segments, whose key and snapshots a test has in its hands. */
export class SnapshotLedger {
  readonly clock = new StillClock();
  readonly directory = join(mkdtempSync(join(tmpdir(), 'chancery-snapshot-')), 'ledger');
  readonly events: LedgerEvent[] = [];
  /** What the ledger is read and written with. */
  files: Files = nodeFiles();

  static async make(from: Partial<GenesisBody> = {}): Promise<SnapshotLedger> {
    const made = new SnapshotLedger();
    const { directory, files, clock } = made;
    const first = { ...genesis(), publicKey: addressOf('ledger'), ...from };
    await createLedger({ directory, files, clock, genesis: [first, policy()] });
    return made;
  }

  remove(): void {
    rmSync(join(this.directory, '..'), { recursive: true, force: true });
  }

  open(fromSnapshot = true): Promise<Ledger> {
    const { directory, files, clock } = this;
    const report = (event: LedgerEvent): number => this.events.push(event);
    return openLedger({ directory, files, clock, segmentBytes: SEGMENT_BYTES, fromSnapshot, report });
  }

  snapshots(ledger: Ledger, opened: SnapshotId | null = null): Snapshots {
    return snapshotsOf(ledger, this, opened);
  }

  async checkpoint(ledger: Ledger): Promise<void> {
    await (await checkpointerOf(ledger, this)).make();
  }

  get folder(): string {
    return join(this.directory, 'snapshots');
  }

  /** Of snapshots, oldest first. */
  names(): string[] {
    return readdirSync(this.folder).sort();
  }

  /** Names of segments in the directory, in order. */
  segments(): string[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith('.ledger'))
      .sort();
  }

  /** Makes a snapshot that a checkpoint covers, with entries after it; closed. Its name. */
  async withSnapshot(): Promise<string> {
    const ledger = await this.open();
    await grow(ledger, 400);
    await this.snapshots(ledger).step();
    await grow(ledger, 200);
    await this.checkpoint(ledger);
    await ledger.close();
    this.events.length = 0;
    const [name] = this.names();
    if (name === undefined) throw new Error('no snapshot was made');
    return name;
  }

  /** The state as a start would have it, and that of every entry. */
  async reopened(): Promise<{ fold: Buffer; whole: Buffer }> {
    const { fold } = await replayFromSnapshot(this.files, this.directory, (event) => this.events.push(event));
    const whole = await replay(this.files, this.directory);
    return { fold: snapshotText(fold), whole: snapshotText(whole.fold) };
  }

  /** Exchanges a snapshot for other bytes, under the name that fits them. */
  forge(name: string, change: (text: string) => string): string {
    const path = join(this.folder, name);
    const bytes = Buffer.from(change(readFileSync(path, 'utf8')));
    rmSync(path);
    const forged = `${name.slice(0, 13)}${createHash('sha256').update(bytes).digest('hex')}`;
    writeFileSync(join(this.folder, forged), bytes);
    return forged;
  }

  /** Has the ledger and its key vouch for whatever snapshot is there: what only an insider could do. */
  async vouch(name: string): Promise<void> {
    const ledger = await this.open(false);
    const { size, sha256 } = idOf(name);
    await ledger.transact(() => ({
      entries: [{ type: 'snapshot', sha256, size: String(size) }],
      result: null,
    }));
    await this.checkpoint(ledger);
    await ledger.close();
  }
}

/** So many authorizations with their signatures. */
export async function grow(ledger: Ledger, count: number, at = 200, named = 'message'): Promise<void> {
  for (let done = 0; done < count; done += at) {
    const bodies = Array.from({ length: at }, (_, n) =>
      authorization({
        message: Buffer.from(`${named} ${String(done + n)}`).toString('base64'),
        effects: [{ debits: [{ asset: 'SOL', amount: '5', destination: `account ${String(n % 50)}` }] }],
      }),
    );
    const { written } = await ledger.transact(() => ({ entries: bodies, result: null }));
    const outcomes = written.map(({ sequence }) => signature(sequence));
    await ledger.transact(() => ({ entries: outcomes, result: null }));
  }
}
