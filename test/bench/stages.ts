import { createHash } from 'node:crypto';
import bs58 from 'bs58';
import { canonicalJson, type JsonValue } from '../../src/core/canonical-json.js';
import { enrolKey, SIGNATURE_BYTES, verifyStrict } from '../../src/core/ed25519.js';
import { sodiumVerifier } from '../../src/os/sodium.js';
import { readLine } from '../../src/ledger/chain.js';
import type { AuthorizationBody, EntryBody } from '../../src/ledger/entries.js';
import { entryOf } from '../../src/ledger/entry-of.js';
import { encodeEntry, lineBytes } from '../../src/ledger/entry-text.js';
import { bodyFault } from '../../src/ledger/fold/body-fault.js';
import { Fold } from '../../src/ledger/fold/fold.js';
import { Batch } from '../../src/ledger/store/batch.js';
import { decide } from '../../src/policy/decide.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import type { KeyPolicy, Policy } from '../../src/policy/policy.js';
import { assess } from '../../src/solana/assess.js';
import { readTransaction } from '../../src/solana/read-transaction.js';
import {
  attestation,
  authorization,
  genesis,
  policy as policyEntry,
  policyText,
  START,
  STRANGER,
  TRADING_KEY,
  WORKLOAD,
} from '../support/audit/history.js';
import { LedgerWriter } from '../support/audit/ledger-writer.js';
import { WalletAuthority } from '../support/wallet-authority.js';
import { median } from './statistics.js';

const ROUNDS = 9;
const CALLS = 2000;

/** CPU microseconds of one call: the median of several rounds after one to warm up. */
export function micros(call: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const began = process.cpuUsage();
    for (let index = 0; index < CALLS; index++) call();
    const { user, system } = process.cpuUsage(began);
    if (round > 0) rounds.push((user + system) / CALLS);
  }
  return median(rounds);
}

/** Stages that can be measured alone, in this process; names of the budget where they have a row there. */
export function measureStages(): Record<string, number> {
  const wire = threeInstructions();
  const { message } = readTransaction(wire);
  const small = judged(policyText());
  const large = judged(largePolicyText(200, 2000));
  const judge = ({ key, ask }: Judged) => ask(assess(readTransaction(wire).message, key.context));
  if (judge(small).decision !== 'allow' || judge(large).decision !== 'allow') {
    throw new Error('the measured transaction is refused');
  }
  const verifyingKey = enrolKey(TRADING_KEY.publicKey);
  if (verifyingKey === null) throw new Error('the key is unsound');
  const signature = TRADING_KEY.raw(message.bytes);
  const verify = sodiumVerifier() ?? verifyStrict;
  return {
    decode: micros(() => readTransaction(wire)),
    assess: micros(() => assess(message, small.key.context)),
    'decode, assess, decide': micros(() => judge(small)),
    'decode, assess, decide: 200 keys, 2,000 destinations': micros(() => judge(large)),
    'two entries': micros(twoEntries(small.state)),
    verify: micros(() => verify(verifyingKey, message.bytes, signature)),
    'verify with OpenSSL': micros(() => verifyStrict(verifyingKey, message.bytes, signature)),
  };
}

/** An authorization and its signature, encoded, hashed and folded as the ledger does it, but for the disk. */
function twoEntries(state: Fold): () => void {
  const { id } = state.allAttestations(state.time)[0] ?? { id: '' };
  // Its keys in order, as the signing path makes it.
  const original = JSON.parse(
    canonicalJson(authorization(id, 0) as unknown as JsonValue),
  ) as AuthorizationBody;
  const message = Buffer.from(original.message, 'base64');
  const signature = bs58.encode(Buffer.alloc(SIGNATURE_BYTES, 0xa5));
  const time = state.time;
  const lines = Buffer.allocUnsafe(1 << 17);
  const append = (batch: Batch, body: EntryBody): void => {
    const sequence = state.size;
    const entry = entryOf(body, {
      sequence: String(sequence),
      previous: state.head,
      time: new Date(time).toISOString(),
      batch: String(batch.first),
    });
    const text = encodeEntry(entry);
    const size = Buffer.byteLength(text);
    const hash = batch.add(text, size);
    if (bodyFault(state, body) !== null) throw new Error('an entry of the bench is unsound');
    state.apply({ entry, hash, sequence, time, batch: batch.first, bytes: lineBytes(size) });
  };
  return () => {
    const batch = new Batch(state.size, false, lines);
    // As in life, no two are the same.
    message.writeUInt32LE(state.size, message.length - 8);
    append(batch, { ...original, message: message.toString('base64') });
    append(batch, { type: 'signature', authorization: String(batch.first), signature });
  };
}

interface Judged {
  readonly policy: Policy;
  readonly state: Fold;
  readonly key: KeyPolicy;
  readonly ask: (assessment: ReturnType<typeof assess>) => ReturnType<typeof decide>;
}

/** A policy with a ledger behind it in which an attestation holds and something was spent. */
function judged(text: string): Judged {
  const policy = parsePolicy(Buffer.from(text));
  const key = policy.keys.get('trading-1');
  if (key === undefined) throw new Error('the policy has no trading key');
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policyEntry());
  const warrant = attestation(START);
  ledger.add(warrant);
  for (let index = 0; index < 500; index++) ledger.add(authorization(warrant.id, index));
  const state = new Fold();
  for (const text of ledger.lines) {
    const line = readLine(Buffer.from(text));
    if (!('entry' in line)) throw new Error('a line of the bench is unsound');
    state.apply(line);
  }
  const possessed = new Set<string>();
  const ask = (assessment: ReturnType<typeof assess>): ReturnType<typeof decide> => {
    const messageHash = createHash('sha256').update(assessment.message.bytes).digest('hex');
    const purpose = 'transaction';
    const now = ledger.time + 1;
    return decide(
      { policy, key, workload: WORKLOAD, assessment, messageHash, purpose, possessed, now, entryTime: now },
      state,
    );
  };
  return { policy, state, key, ask };
}

/** The same policy among many keys, with many destinations at the key that is asked for. */
function largePolicyText(keys: number, destinations: number): string {
  const address = (name: string): string =>
    WalletAuthority.fromSeed(name, createHash('sha256').update(name).digest()).address;
  const many = Array.from({ length: destinations - 1 }, (_, index) => `"${address(`to ${String(index)}`)}"`);
  const others = Array.from(
    { length: keys - 2 },
    (_, index) => `  - id: other-${String(index)}
    token: main
    object: { label: other-${String(index)} }
    publicKey: ${address(`key ${String(index)}`)}
    role: wallet
    workloads: ["${WORKLOAD}"]
    limits: [{ asset: SOL, perTransaction: "0.5 SOL", window: 1h, max: "2 SOL" }]
    programs: [system]
    destinations: any
`,
  );
  const listed = `destinations: ["${STRANGER.address}"`;
  return policyText().replace(listed, `${listed}, ${many.join(', ')}`) + others.join('');
}

/** A legacy transaction: unit limit, unit price, a transfer of 1000 lamports. */
function threeInstructions(): Buffer {
  const budget = bs58.decode('ComputeBudget111111111111111111111111111111');
  const limit = Buffer.alloc(5, 2);
  limit.writeUInt32LE(200_000, 1);
  const price = Buffer.alloc(9, 3);
  price.writeBigUInt64LE(1000n, 1);
  const transfer = Buffer.alloc(12);
  transfer.writeUInt32LE(2, 0);
  transfer.writeBigUInt64LE(1000n, 4);
  return Buffer.concat([
    Buffer.from([1]),
    Buffer.alloc(64),
    Buffer.from([1, 0, 2, 4]),
    TRADING_KEY.publicKey,
    STRANGER.publicKey,
    Buffer.alloc(32),
    budget,
    Buffer.alloc(32, 9),
    Buffer.from([3, 3, 0, limit.length]),
    limit,
    Buffer.from([3, 0, price.length]),
    price,
    Buffer.from([2, 2, 0, 1, transfer.length]),
    transfer,
  ]);
}
