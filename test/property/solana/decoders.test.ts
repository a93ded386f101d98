import { VersionedMessage, VersionedTransaction } from '@solana/web3.js';
import { getCompiledTransactionMessageDecoder, getTransactionDecoder } from '@solana/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as web3next from 'web3js-1.99';
import { ChanceryError } from '../../../src/core/errors.js';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import type { Message } from '../../../src/solana/message.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { encodeMessage, wire, type TestMessage } from '../../support/solana-build.js';

/** What all three readers are compared on. */
interface Reading {
  readonly version: string;
  readonly header: readonly number[];
  readonly accounts: readonly string[];
  readonly lifetime: string;
  readonly instructions: readonly { program: string; accounts: readonly number[]; data: string }[];
  readonly lookups: readonly { table: string; writable: readonly number[]; readonly: readonly number[] }[];
  readonly config?: Record<string, string>;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function ours(message: Message): Reading {
  return {
    version: String(message.version),
    header: [message.signatures, message.readonlySigned, message.readonlyUnsigned],
    accounts: message.accounts.map(toAddress),
    lifetime: toAddress(message.lifetime),
    instructions: message.instructions.map((each) => ({
      program: toAddress(each.program),
      accounts: each.accounts,
      data: hex(each.data),
    })),
    lookups: message.lookups.map(({ table, writable, readonly }) => ({
      table: toAddress(table),
      writable,
      readonly,
    })),
    ...(message.config === undefined
      ? {}
      : {
          config: Object.fromEntries(
            Object.entries(message.config).map(([name, value]) => [name, String(value)]),
          ),
        }),
  };
}

const KIT_CONFIG: Readonly<Record<string, string>> = {
  priorityFeeLamports: 'priorityFee',
  computeUnitLimit: 'computeUnitLimit',
  loadedAccountsDataSizeLimit: 'loadedDataLimit',
  heapSize: 'heapSize',
};

function kit(bytes: Uint8Array): Reading {
  const { messageBytes } = getTransactionDecoder().decode(bytes);
  const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
  const accounts = message.staticAccounts.map(String);
  const at = (index: number): string => accounts[index] ?? `none at ${String(index)}`;
  const { header } = message;
  const instructions =
    message.version === 1
      ? message.instructionPayloads.map((payload, index) => ({
          program: at(message.instructionHeaders[index]?.programAccountIndex ?? -1),
          accounts: [...payload.instructionAccountIndices],
          data: hex(Uint8Array.from(payload.instructionData)),
        }))
      : message.instructions.map((each) => ({
          program: at(each.programAddressIndex),
          accounts: [...(each.accountIndices ?? [])],
          data: hex(Uint8Array.from(each.data ?? [])),
        }));
  return {
    version: String(message.version),
    header: [header.numSignerAccounts, header.numReadonlySignerAccounts, header.numReadonlyNonSignerAccounts],
    accounts,
    lifetime: message.lifetimeToken,
    instructions,
    lookups:
      message.version === 0
        ? (message.addressTableLookups ?? []).map((lookup) => ({
            table: lookup.lookupTableAddress,
            writable: [...lookup.writableIndexes],
            readonly: [...lookup.readonlyIndexes],
          }))
        : [],
    ...(message.version === 1 ? { config: kitConfig(message.configMask, message.configValues) } : {}),
  };
}

/** Kit keeps the values in the order of the mask's bits. */
function kitConfig(
  mask: number,
  values: readonly { readonly value: bigint | number }[],
): Record<string, string> {
  const names = [
    ...((mask & 3) === 3 ? ['priorityFeeLamports'] : []),
    ...((mask & 4) === 0 ? [] : ['computeUnitLimit']),
    ...((mask & 8) === 0 ? [] : ['loadedAccountsDataSizeLimit']),
    ...((mask & 16) === 0 ? [] : ['heapSize']),
  ];
  return Object.fromEntries(
    names.map((name, index) => [KIT_CONFIG[name] ?? name, String(values[index]?.value)]),
  );
}

/** @solana/web3.js 1.98. */
function web3(bytes: Uint8Array): Reading {
  return ofWeb3(VersionedTransaction.deserialize(bytes).message);
}

/** @solana/web3.js 1.99, which reads version 1 too. */
function web3v1(bytes: Uint8Array): Reading {
  const { message } = web3next.VersionedTransaction.deserialize(bytes);
  const reading = ofWeb3(message);
  if (!('transactionConfig' in message)) return reading;
  const { priorityFee, computeUnitLimit, loadedAccountsDataSizeLimit, heapSize } = message.transactionConfig;
  const config = { priorityFee, computeUnitLimit, loadedDataLimit: loadedAccountsDataSizeLimit, heapSize };
  const set = Object.entries(config).filter(([, value]) => value !== null);
  return { ...reading, config: Object.fromEntries(set.map(([name, value]) => [name, String(value)])) };
}

function ofWeb3(message: VersionedMessage | web3next.VersionedMessage): Reading {
  const { header } = message;
  return {
    version: String(message.version),
    header: [
      header.numRequiredSignatures,
      header.numReadonlySignedAccounts,
      header.numReadonlyUnsignedAccounts,
    ],
    accounts: message.staticAccountKeys.map((account) => account.toBase58()),
    lifetime: message.recentBlockhash,
    instructions: message.compiledInstructions.map((each) => ({
      program: message.staticAccountKeys[each.programIdIndex]?.toBase58() ?? 'none',
      accounts: each.accountKeyIndexes,
      data: hex(each.data),
    })),
    lookups: message.addressTableLookups.map((lookup) => ({
      table: lookup.accountKey.toBase58(),
      writable: lookup.writableIndexes,
      readonly: lookup.readonlyIndexes,
    })),
  };
}

const pubkey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hex(bytes) as Pubkey);
const smallInt = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const messages: fc.Arbitrary<TestMessage> = fc
  .record({
    version: fc.constantFrom<TestMessage['version']>('legacy', 0, 1),
    accounts: fc.uniqueArray(pubkey, { minLength: 2, maxLength: 9 }),
    signatures: fc.integer({ min: 1, max: 3 }),
    readonlySigned: smallInt(1),
    readonlyUnsigned: smallInt(2),
    lifetime: pubkey,
    instructions: fc.array(
      fc.record({
        program: fc.integer({ min: 1, max: 8 }),
        accounts: fc.array(smallInt(10), { maxLength: 6 }),
        data: fc.uint8Array({ maxLength: 200 }),
      }),
      { maxLength: 5 },
    ),
    lookups: fc.array(
      fc.record({
        table: pubkey,
        writable: fc.array(smallInt(255), { maxLength: 3 }),
        readonly: fc.array(smallInt(255), { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    config: fc.record(
      {
        priorityFee: fc.oneof(
          fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }),
          fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        ),
        computeUnitLimit: smallInt(0xffff_ffff),
        loadedDataLimit: smallInt(0xffff_ffff),
        heapSize: smallInt(0xffff_ffff),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ accounts, instructions, signatures, ...rest }) => ({
    ...rest,
    accounts,
    // Mostly in range, so that most are accepted.
    signatures: Math.min(signatures, accounts.length),
    instructions: instructions.map((each) => ({
      ...each,
      program: 1 + (each.program % (accounts.length - 1)),
      accounts: each.accounts.map((index) => index % accounts.length),
    })),
  }));

/** Changes after encoding: what an attacker, or a sloppy encoder, would do. */
const damage = fc.oneof(
  { weight: 4, arbitrary: fc.constant((bytes: Buffer) => bytes) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), smallInt(255)).map(([at, value]) => (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = value;
      return copy;
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ minLength: 1, maxLength: 5 })
      .map((more) => (bytes: Buffer) => Buffer.concat([bytes, more])),
  },
  { weight: 1, arbitrary: fc.nat().map((cut) => (bytes: Buffer) => bytes.subarray(0, cut % bytes.length)) },
);

/** Why Chancery refuses what a decoder of the SDKs reads. Any other reason fails the test. */
const STRICTER: readonly (readonly [RegExp, string])[] = [
  [/bytes follow/, 'decoders ignore trailing bytes, the chain and a hash do not'],
  [/shortest form|above 65535|longer than 3 bytes/, 'compact-u16 in a longer form: the chain rejects it'],
  [/stands twice/, 'an account listed twice: the chain rejects it, decoders keep both'],
  [
    /fee payer must be a writable signer|needs a signer|header counts more/,
    'headers the chain does not sanitize',
  ],
  [/cannot have \d+ signatures|asks for \d+ signatures/, 'signature counts that differ from the header'],
  [/fee payer cannot be a program|not that of a static account/, 'program indices the chain refuses'],
  [/account index \d+ of \d+/, 'indices beyond the accounts'],
  [/without an index|more than 256 accounts|accounts, at most/, 'lookups and counts the chain refuses'],
  [/at most 1232|at most 4096|has at most/, 'sizes no packet carries'],
  [/unknown bits|half of the priority fee/, 'config bits nobody knows yet'],
  [/at most 12|at most 64/, 'bounds of SIMD-0385 and of instructions'],
  [/signatures after it/, 'a v1 message in the old envelope'],
  [/no message version known/, 'versions nobody knows yet'],
  [/cut short|are left|do not fit/, 'lengths beyond the input, which a decoder pads or ignores'],
];

describe('the strict reader and the SDKs', () => {
  it('I1: whenever Chancery accepts, kit and both web3.js read the same message', { timeout: 60_000 }, () => {
    const tally = new Map<string, number>();
    const note = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(messages, damage, (message, change) => {
        const bytes = change(wire(message.version, encodeMessage(message), message.signatures));
        const reading = attempt(() => ours(readTransaction(bytes).message));
        const byKit = attempt(() => kit(bytes));
        const byWeb3 = attempt(() => web3(bytes));
        const byWeb3v1 = attempt(() => web3v1(bytes));
        if (reading.value !== undefined) {
          note(`accepted ${reading.value.version}`);
          expect(byKit).toEqual(reading);
          if (reading.value.version !== '1') expect(byWeb3).toEqual(reading);
          const fee = reading.value.config?.['priorityFee'] ?? '0';
          // web3.js has a number for it, and refuses what a number cannot hold.
          if (BigInt(fee) > BigInt(Number.MAX_SAFE_INTEGER)) note('a fee above 2^53');
          else expect(byWeb3v1).toEqual(reading);
          return;
        }
        if ([byKit, byWeb3, byWeb3v1].every(({ value }) => value === undefined)) {
          note('refused by all');
          return;
        }
        const listed = STRICTER.find(([pattern]) => pattern.test(reading.error));
        expect(listed, `not a listed reason: ${reading.error}`).toBeDefined();
        note(listed?.[1] ?? '');
      }),
      { numRuns: 2000, seed: 20_261_122 },
    );
    for (const version of ['legacy', '0', '1']) expect(tally.get(`accepted ${version}`)).toBeGreaterThan(100);
    expect(tally.get('decoders ignore trailing bytes, the chain and a hash do not')).toBeGreaterThan(10);
  });

  it('I1: what is accepted is canonical: an independent encoder gives the same bytes back', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message);
        const reading = attempt(
          () => readTransaction(wire(message.version, bytes, message.signatures)).message,
        );
        if (reading.value === undefined || message.version === 1) return;
        const decoded = VersionedMessage.deserialize(reading.value.bytes);
        expect(hex(decoded.serialize())).toBe(hex(bytes));
      }),
      { numRuns: 500, seed: 20_261_122 },
    );
  });
});

function attempt<T>(read: () => T): { value: T; error: '' } | { value: undefined; error: string } {
  try {
    return { value: read(), error: '' };
  } catch (error) {
    const message = error instanceof ChanceryError ? (error.failures[0]?.message ?? '') : String(error);
    return { value: undefined, error: message };
  }
}
