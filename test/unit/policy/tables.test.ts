import { AddressLookupTableAccount, MessageV0, PublicKey } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { pubkeyBytes, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { resolveAccounts } from '../../../src/solana/accounts.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readMessage } from '../../../src/solana/read-message.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText } from '../../support/policy-text.js';
import { encodeMessage, key as account, u32, u64 } from '../../support/solana-build.js';
import { Random } from '../../support/solana-loss/random.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const [mallory, eve] = [pubkeyOf('mallory'), pubkeyOf('eve')];
const [first, second] = [pubkeyOf('table-1'), pubkeyOf('table-2')];
const tables = { [toAddress(first)]: [eve, BOB, mallory], [toAddress(second)]: [mallory, BOB] };

const policy = parsePolicy(
  policyBytes({
    tables: Object.fromEntries(Object.entries(tables).map(([table, list]) => [table, list.map(toAddress)])),
    keys: [walletText(), ledgerKeyText()],
  }),
);
const trading = policy.keys.get('trading-1')!;

interface Lookup {
  readonly table: Pubkey;
  readonly writable: readonly number[];
  readonly readonly: readonly number[];
}

/** A transfer to the account at `to`, counted over static and loaded ones; `allow` or the code of the refusal. */
function transfer(to: number, lookups: readonly Lookup[]): string {
  const message = encodeMessage({
    version: 0,
    accounts: [K, PROGRAM_IDS.system],
    signatures: 1,
    readonlyUnsigned: 1,
    instructions: [{ program: 1, accounts: [0, to], data: Buffer.concat([u32(2), u64(1n)]) }],
    lookups,
  });
  const verdict = decide(questionOf({ policy, key: trading }, message), new ListState(attestation()));
  return verdict.decision === 'allow' ? 'allow' : verdict.failures[0].code;
}

describe('pinned lookup tables', () => {
  const NOT = 'DESTINATION_NOT_ALLOWED';
  // The order of the chain: static, all writable of all tables, then all read-only. Another pays somebody else.
  it.each<[string, number, readonly Lookup[], string]>([
    ['writable', 2, [{ table: first, writable: [1], readonly: [] }], 'allow'],
    ['writable, of another index', 2, [{ table: first, writable: [0], readonly: [] }], NOT],
    [
      'the first read-only one, behind the writable ones of the second table',
      3,
      [
        { table: first, writable: [], readonly: [1] },
        { table: second, writable: [0], readonly: [] },
      ],
      'allow',
    ],
    [
      'the writable one of the second table, before the read-only ones of the first',
      2,
      [
        { table: first, writable: [], readonly: [1] },
        { table: second, writable: [0], readonly: [] },
      ],
      NOT,
    ],
    [
      'the writable one of the second table, behind that of the first',
      3,
      [
        { table: first, writable: [2], readonly: [0] },
        { table: second, writable: [1], readonly: [] },
      ],
      'allow',
    ],
    ['past what is pinned', 2, [{ table: second, writable: [2], readonly: [] }], 'UNRESOLVED_LOOKUP'],
    [
      'of a table that is not',
      2,
      [{ table: account(9300), writable: [1], readonly: [] }],
      'UNRESOLVED_LOOKUP',
    ],
  ])('pay the account that is %s', (_which, to, lookups, expected) => {
    expect(transfer(to, lookups)).toBe(expected);
  });

  it('resolve as web3.js resolves them', () => {
    const random = new Random(7);
    const contents = [first, second].map((table, index) => ({
      table,
      addresses: Array.from({ length: 20 }, (_, at) => account(9400 + 20 * index + at)),
    }));
    const known = contents.map(
      ({ table, addresses }) =>
        new AddressLookupTableAccount({
          key: new PublicKey(pubkeyBytes(table)),
          state: {
            deactivationSlot: 2n ** 64n - 1n,
            lastExtendedSlot: 0,
            lastExtendedSlotStartIndex: 0,
            addresses: addresses.map((each) => new PublicKey(pubkeyBytes(each))),
          },
        }),
    );
    const pinned = new Map(contents.map(({ table, addresses }) => [table, addresses]));
    for (let round = 0; round < 200; round++) {
      const some = () => Array.from({ length: 1 + random.below(4) }, () => random.below(20));
      const lookups = contents.map(({ table }) => ({ table, writable: some(), readonly: some() }));
      const bytes = encodeMessage({
        version: 0,
        accounts: [K, PROGRAM_IDS.system],
        signatures: 1,
        readonlyUnsigned: 1,
        instructions: [],
        lookups: random.chance(50) ? lookups : lookups.toReversed(),
      });
      const theirs = MessageV0.deserialize(bytes).getAccountKeys({ addressLookupTableAccounts: known });
      const ours = resolveAccounts(readMessage(bytes), pinned);
      expect(ours.map((each) => each && toAddress(each))).toEqual(
        Array.from({ length: theirs.length }, (_, at) => theirs.get(at)?.toBase58()),
      );
    }
  });
});
