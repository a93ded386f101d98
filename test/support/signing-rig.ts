import { sign as signEd25519 } from 'node:crypto';
import { verifyStrict } from '../../src/core/ed25519.js';
import type { ChanceryError } from '../../src/core/errors.js';
import type { Readiness, SignRequest as TokenRequest, Signer } from '../../src/core/signer.js';
import type { Entry, EntryBody } from '../../src/ledger/entries.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createLedger } from '../../src/ledger/store/create.js';
import { openLedger } from '../../src/ledger/store/open.js';
import type { Policy } from '../../src/policy/policy.js';
import type { Caller } from '../../src/signing/caller.js';
import { ClockGuard } from '../../src/signing/clock-guard.js';
import { Denials } from '../../src/signing/denials.js';
import type { Path } from '../../src/signing/path.js';
import { Policies } from '../../src/signing/policies.js';
import { attestation, genesis, policy as policyEntry } from './ledger-bodies.js';
import { StillClock } from './ledger-clock.js';
import { MemoryDisk } from './ledger-disk.js';
import { AGENT, addressOf, namedKey, policyWith, type Yaml } from './policy-text.js';
import { transfer } from './site/transfer.js';

/** A token in software whose behaviour a test replaces; by default it signs. */
export class FakeToken implements Signer, Readiness {
  asked = 0;
  /** Why it would not sign. */
  away: ChanceryError | null = null;
  /** Runs between dispatch and signature. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  /** Runs before dispatch, as a queue would. */
  waiting: () => Promise<void> = () => Promise.resolve();
  answer: (message: Uint8Array) => Uint8Array = (message) =>
    signEd25519(null, message, namedKey('trading-1').private);

  stops(): ChanceryError | null {
    return this.away;
  }

  async sign({ message, dispatch }: TokenRequest): Promise<Uint8Array> {
    await this.waiting();
    dispatch();
    this.asked += 1;
    await this.meanwhile();
    return this.answer(message);
  }
}

/** The request path on a disk in memory, with real policy, ledger and clock guard. */
export interface Rig {
  readonly path: Path;
  readonly token: FakeToken;
  readonly disk: MemoryDisk;
  readonly clock: StillClock;
  readonly ledger: Ledger;
  readonly caller: Caller & { gone: ChanceryError | null; dead: ChanceryError | null };
  /** A fresh transfer from the key, wire bytes. */
  wire(lamports?: bigint): Uint8Array;
  append(...entries: EntryBody[]): Promise<string[]>;
  entries(): Entry[];
  spentSol(): bigint;
}

const DIRECTORY = '/ledger';

export async function signingRig(changes: { readonly [key: string]: Yaml | undefined } = {}): Promise<Rig> {
  const disk = new MemoryDisk();
  const clock = new StillClock();
  const guard = new ClockGuard(clock);
  const { policy } = policyWith({ destinations: 'any', ...changes });
  const inForce: Policy = policy;
  await createLedger({
    directory: DIRECTORY,
    files: disk,
    clock: guard,
    genesis: [genesis(), { ...policyEntry(), sha256: inForce.sha256 }],
  });
  const ledger = await openLedger({ directory: DIRECTORY, files: disk, clock: guard, segmentBytes: 1 << 20 });
  const token = new FakeToken();
  const path: Path = {
    ledger,
    policies: new Policies(inForce),
    signer: token,
    clock: guard,
    denials: new Denials(ledger),
    stops: () => null,
    verify: verifyStrict,
    dailyBytesPerUid: 1 << 30,
  };
  const caller: Rig['caller'] = {
    workload: AGENT,
    policy: inForce.sha256,
    peer: { pid: 1, uid: 1001, gid: 1001, exe: '/opt/trader/bin/trader' },
    possessed: new Set(),
    gone: null,
    dead: null,
    check: () => caller.gone ?? caller.dead,
    alive: () => caller.dead,
  };
  const append = async (...entries: EntryBody[]): Promise<string[]> =>
    (await ledger.transact(() => ({ entries, result: undefined }))).written.map(({ hash }) => hash);
  await append(
    attestation({ workload: AGENT, keys: [{ id: 'trading-1', publicKey: addressOf('trading-1') }] }),
  );
  let nonce = 0;
  return {
    path,
    token,
    disk,
    clock,
    ledger,
    caller,
    wire: (lamports = 1000n) => Buffer.from(transfer(addressOf('trading-1'), lamports, ++nonce), 'base64'),
    append,
    entries: () => readEntries(disk),
    spentSol: () => ledger.state.spent(addressOf('trading-1'), 'SOL', '1h', clock.now),
  };
}

function readEntries(disk: MemoryDisk): Entry[] {
  const names = [...disk.names.keys()].filter((name) => name.endsWith('.ledger')).sort();
  return names.flatMap((name) => {
    const bytes = disk.bytesOf(name);
    const zero = bytes.indexOf(0);
    const text = bytes.subarray(0, zero < 0 ? bytes.length : zero).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line.slice(65)) as Entry);
  });
}
