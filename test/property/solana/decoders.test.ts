import { VersionedMessage } from '@solana/web3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pubkeyAt, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256 } from '../../../src/core/sha256.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { encodeMessage, wire, type TestMessage } from '../../support/solana-build.js';
import {
  attempt,
  kit,
  kitAgain,
  kitResolved,
  ours,
  oursResolved,
  web3,
  web3Resolved,
  web3v1,
  type Tables,
} from '../../support/solana-readings.js';
import { STRICTER } from '../../support/solana-stricter.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const pubkey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hex(bytes) as Pubkey);
const smallInt = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const messages: fc.Arbitrary<TestMessage> = fc
  .record({
    version: fc.constantFrom<TestMessage['version']>('legacy', 0, 1),
    accounts: fc.uniqueArray(pubkey, { minLength: 2, maxLength: 9 }),
    signatures: fc.integer({ min: 1, max: 3 }),
    readonlySigned: smallInt(2),
    readonlyUnsigned: smallInt(2),
    // Now and then a header that the chain does not sanitize.
    header: fc.integer({ min: 0, max: 9 }),
    lifetime: pubkey,
    instructions: fc.array(
      fc.record({
        program: fc.integer({ min: 1, max: 8 }),
        accounts: fc.array(smallInt(255), { maxLength: 6 }),
        data: fc.uint8Array({ maxLength: 200 }),
      }),
      { maxLength: 5 },
    ),
    lookups: fc.array(
      fc.record({
        table: pubkey,
        writable: fc.uniqueArray(smallInt(255), { maxLength: 4 }),
        readonly: fc.uniqueArray(smallInt(255), { maxLength: 4 }),
      }),
      { maxLength: 3 },
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
  .map(({ accounts, instructions, header, ...rest }) => {
    const signatures = Math.min(rest.signatures, accounts.length);
    const loaded = rest.lookups.reduce((sum, each) => sum + each.writable.length + each.readonly.length, 0);
    const total = accounts.length + (rest.version === 0 ? loaded : 0);
    return {
      ...rest,
      accounts,
      signatures,
      ...(header === 0
        ? {}
        : {
            readonlySigned: Math.min(rest.readonlySigned, signatures - 1),
            readonlyUnsigned: Math.min(rest.readonlyUnsigned, accounts.length - signatures),
          }),
      instructions: instructions.map((each) => ({
        ...each,
        program: 1 + (each.program % (accounts.length - 1)),
        accounts: each.accounts.map((index) => index % total),
      })),
    };
  });

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

/** A table of 256 addresses, each told from every other. */
function contentsOf(table: Pubkey): readonly Pubkey[] {
  return Array.from({ length: 256 }, (_, index) =>
    pubkeyAt(sha256(Buffer.from(table, 'hex'), Buffer.of(index))),
  );
}

describe('the strict reader and the SDKs', () => {
  it('I1: whenever Chancery accepts, kit and both web3.js read the same message', () => {
    const tally = new Map<string, number>();
    const note = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(messages, damage, (message, change) => {
        const bytes = change(wire(message.version, encodeMessage(message), message.signatures));
        const reading = attempt(() => ours(bytes));
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
    for (const version of ['legacy', '0', '1']) expect(tally.get(`accepted ${version}`)).toBeGreaterThan(300);
    expect(tally.get('decoders ignore trailing bytes, the chain and a hash do not')).toBeGreaterThan(10);
  });

  it.each(STRICTER)('I2: %s: %s', (pattern, _why, bytes) => {
    const wireBytes = bytes();
    expect(attempt(() => ours(wireBytes)).error).toMatch(pattern);
    const readings = [kit, web3, web3v1].map((read) => attempt(() => read(wireBytes)));
    expect(readings.map(({ error }) => error)).toContain('');
  });

  it('I1: what is accepted is canonical: encoders that are not ours give the same bytes back', () => {
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message);
        const whole = wire(message.version, bytes, message.signatures);
        const reading = attempt(() => readTransaction(whole).message);
        if (reading.value === undefined) return;
        accepted.set(String(message.version), (accepted.get(String(message.version)) ?? 0) + 1);
        expect(hex(kitAgain(whole))).toBe(hex(bytes));
        if (message.version === 1) return;
        const decoded = VersionedMessage.deserialize(reading.value.bytes);
        expect(hex(decoded.serialize())).toBe(hex(bytes));
      }),
      { numRuns: 500, seed: 20_261_122 },
    );
    for (const version of ['legacy', '0', '1']) expect(accepted.get(version)).toBeGreaterThan(50);
  });

  it('I1: accounts behind lookup tables are those that kit and web3.js resolve', () => {
    let loaded = 0;
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = wire(message.version, encodeMessage(message), message.signatures);
        if (message.version !== 0 || attempt(() => ours(bytes)).value === undefined) return;
        const lookups = message.lookups ?? [];
        const tables: Tables = new Map(lookups.map(({ table }) => [table, contentsOf(table)]));
        const resolved = oursResolved(bytes, tables);
        const used = message.instructions.flatMap(({ accounts }) => accounts);
        if (used.some((index) => index >= message.accounts.length)) loaded++;
        expect(resolved.flat()).not.toContain('unresolved');
        expect(web3Resolved(bytes, tables)).toEqual(resolved);
        expect(kitResolved(bytes, tables)).toEqual(resolved);
      }),
      { numRuns: 300, seed: 20_261_128 },
    );
    expect(loaded).toBeGreaterThan(30);
  });
});
