import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import { pubkeyBytes, type Pubkey } from '../../src/core/pubkey.js';

/** A second, independent encoder for tests: it can write what no honest encoder would. */

export interface TestInstruction {
  readonly program: Pubkey;
  readonly accounts: readonly Pubkey[];
  readonly data: Uint8Array;
}

export interface TestMessage {
  readonly version: 'legacy' | 0 | 1;
  /** Signers first. */
  readonly accounts: readonly Pubkey[];
  readonly signatures: number;
  readonly readonlySigned?: number;
  readonly readonlyUnsigned?: number;
  readonly lifetime?: Pubkey;
  readonly instructions: readonly {
    readonly program: number;
    readonly accounts: readonly number[];
    readonly data: Uint8Array;
  }[];
  readonly lookups?: readonly { table: Pubkey; writable: readonly number[]; readonly: readonly number[] }[];
  readonly config?: {
    priorityFee?: bigint;
    computeUnitLimit?: number;
    loadedDataLimit?: number;
    heapSize?: number;
  };
}

export function compactU16(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** A key from a number: distinct, recognisable, not a curve point anybody owns. */
export function key(number: number): Pubkey {
  return number.toString(16).padStart(64, '0') as Pubkey;
}

const BLOCKHASH = 'ab'.repeat(32) as Pubkey;

export function encodeMessage(message: TestMessage): Buffer {
  const header = [message.signatures, message.readonlySigned ?? 0, message.readonlyUnsigned ?? 0];
  const keys = Buffer.concat(message.accounts.map((account) => pubkeyBytes(account)));
  const lifetime = pubkeyBytes(message.lifetime ?? BLOCKHASH);
  if (message.version === 1) return encodeV1(message, header, keys, lifetime);
  const instructions = message.instructions.flatMap((instruction) => [
    Buffer.from([instruction.program]),
    compactU16(instruction.accounts.length),
    Buffer.from(instruction.accounts),
    compactU16(instruction.data.length),
    instruction.data,
  ]);
  const lookups = (message.lookups ?? []).flatMap((lookup) => [
    pubkeyBytes(lookup.table),
    compactU16(lookup.writable.length),
    Buffer.from(lookup.writable),
    compactU16(lookup.readonly.length),
    Buffer.from(lookup.readonly),
  ]);
  return Buffer.concat([
    Buffer.from(message.version === 0 ? [0x80, ...header] : header),
    compactU16(message.accounts.length),
    keys,
    lifetime,
    compactU16(message.instructions.length),
    ...instructions,
    ...(message.version === 0 ? [compactU16(message.lookups?.length ?? 0), ...lookups] : []),
  ]);
}

function encodeV1(message: TestMessage, header: number[], keys: Buffer, lifetime: Uint8Array): Buffer {
  const { priorityFee, computeUnitLimit, loadedDataLimit, heapSize } = message.config ?? {};
  const values = [computeUnitLimit, loadedDataLimit, heapSize];
  const mask =
    (priorityFee === undefined ? 0 : 3) |
    values.reduce<number>((bits, value, index) => (value === undefined ? bits : bits | (4 << index)), 0);
  return Buffer.concat([
    Buffer.from([0x81, ...header]),
    u32(mask),
    lifetime,
    Buffer.from([message.instructions.length, message.accounts.length]),
    keys,
    ...(priorityFee === undefined ? [] : [u64(priorityFee)]),
    ...values.flatMap((value) => (value === undefined ? [] : [u32(value)])),
    ...message.instructions.map(({ program, accounts, data }) =>
      Buffer.from([program, accounts.length, data.length & 0xff, data.length >> 8]),
    ),
    ...message.instructions.flatMap(({ accounts, data }) => [Buffer.from(accounts), data]),
  ]);
}

/** Adds zeroed signatures where the version has them. */
export function wire(version: 'legacy' | 0 | 1, message: Uint8Array, signatures: number): Buffer {
  const zeros = Buffer.alloc(64 * signatures);
  return version === 1
    ? Buffer.concat([message, zeros])
    : Buffer.concat([compactU16(signatures), zeros, message]);
}

/**
 * A message from instructions over keys: signers first, then the rest, programs last. All but programs are
 * writable.
 */
export function compile(
  version: 'legacy' | 0 | 1,
  signers: readonly Pubkey[],
  instructions: readonly TestInstruction[],
  extra: Pick<TestMessage, 'config' | 'lifetime'> = {},
): Buffer {
  const accounts = [...signers];
  const programs = new Set(instructions.map((instruction) => instruction.program));
  for (const account of instructions.flatMap((instruction) => instruction.accounts)) {
    if (!accounts.includes(account) && !programs.has(account)) accounts.push(account);
  }
  for (const program of programs) if (!accounts.includes(program)) accounts.push(program);
  return encodeMessage({
    version,
    accounts,
    signatures: signers.length,
    readonlyUnsigned: programs.size,
    instructions: instructions.map((instruction) => ({
      program: accounts.indexOf(instruction.program),
      accounts: instruction.accounts.map((account) => accounts.indexOf(account)),
      data: instruction.data,
    })),
    ...extra,
  });
}

export function call(
  program: Pubkey,
  accounts: readonly Pubkey[],
  ...data: readonly (number | Uint8Array)[]
): TestInstruction {
  const parts = data.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part));
  return { program, accounts, data: Buffer.concat(parts) };
}

/** The Batch of the token programs: each instruction with the number of its accounts and bytes before it. */
export function batch(program: Pubkey, ...inner: readonly TestInstruction[]): TestInstruction {
  const data = inner.flatMap((each) => [Buffer.of(each.accounts.length, each.data.length), each.data]);
  return call(
    program,
    inner.flatMap(({ accounts }) => accounts),
    255,
    ...data,
  );
}

export function systemTransfer(from: Pubkey, to: Pubkey, lamports: bigint): TestInstruction {
  return {
    program: PROGRAM_IDS.system,
    accounts: [from, to],
    data: Buffer.concat([u32(2), u64(lamports)]),
  };
}

export function computeUnitLimit(units: number): TestInstruction {
  return {
    program: PROGRAM_IDS['compute-budget'],
    accounts: [],
    data: Buffer.concat([Buffer.from([2]), u32(units)]),
  };
}

export function computeUnitPrice(microLamports: bigint): TestInstruction {
  return {
    program: PROGRAM_IDS['compute-budget'],
    accounts: [],
    data: Buffer.concat([Buffer.from([3]), u64(microLamports)]),
  };
}

export function memo(text: string): TestInstruction {
  return { program: PROGRAM_IDS.memo, accounts: [], data: Buffer.from(text) };
}
