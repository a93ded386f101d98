import { describe, expect, it } from 'vitest';
import { toAddress } from '../../../src/core/pubkey.js';
import { exposureOf } from '../../../src/policy/exposure.js';
import { inquire } from '../../../src/policy/inquiry.js';
import { compile, systemTransfer, type TestInstruction } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { addressOf, policyWith, pubkeyOf } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const DEX = pubkeyOf('dex');
const site = policyWith();
const declared = new Map([[DEX, { name: 'dex', program: DEX, idl: '', instructions: [] }]]);
const key = { ...site.key, context: { ...site.key.context, declared } };
const OWN = [...key.context.ownTokenAccounts.keys()];

function exposure(...instructions: readonly TestInstruction[]): ReturnType<typeof exposureOf> {
  const question = questionOf({ policy: site.policy, key }, compile('legacy', [K], instructions));
  return exposureOf(inquire(question, new ListState(attestation())));
}

const swap = (...accounts: readonly ReturnType<typeof pubkeyOf>[]): TestInstruction => ({
  program: DEX,
  accounts,
  data: Buffer.of(1),
});

describe('exposure', () => {
  it('lists the accounts of the key that a declared program can reach', () => {
    expect(exposure(swap(K, OWN[0]!, pubkeyOf('pool')), swap(OWN[0]!, OWN[1]!))).toEqual([
      {
        program: 'dex',
        accounts: [addressOf('trading-1'), toAddress(OWN[0]!), toAddress(OWN[1]!)],
        sentence:
          'dex is taken at its word; its code could reach all SOL of the key and lasting authority over its ' +
          'accounts and the whole balance of 2 of its token accounts',
      },
    ]);
  });
  it('says so when it reaches none', () => {
    expect(exposure(swap(pubkeyOf('pool')))).toEqual([
      { program: 'dex', accounts: [], sentence: 'dex reaches no account of the key' },
    ]);
  });
  it('is empty without declared programs in the transaction', () => {
    expect(exposure(systemTransfer(K, pubkeyOf('bob'), 1n))).toEqual([]);
  });
});
