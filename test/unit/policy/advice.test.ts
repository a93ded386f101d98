import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { explain } from '../../../src/policy/explain/explain.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { AttestationView } from '../../../src/policy/policy-state.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  policyWith,
  pubkeyOf,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { profileBlob, whirlpoolSwap, withProfiles } from '../../support/profiles.js';
import {
  call,
  compile,
  computeUnitLimit,
  computeUnitPrice,
  memo,
  systemTransfer,
} from '../../support/solana-build.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const pay = systemTransfer(K, BOB, 1n);
const small = computeUnitLimit(1_000);
const OTHER_PAYER = 'let another account pay the fee';
const LARGER = 'or have the Sovereign sign a policy with a larger limit';

function adviceOn(
  rules: { readonly [key: string]: Yaml | undefined },
  message: Uint8Array,
  changes: Partial<AttestationView> = {},
): readonly string[] {
  const question = questionOf(policyWith(rules), message);
  const state = new ListState(attestation(changes));
  return explain(question, state, decide(question, state)).advice;
}

const fee = (perTransaction: string) => ({ fee: { perTransaction } });
const v1 = (config: { priorityFee?: bigint; computeUnitLimit?: number }) =>
  compile(1, [K], [pay], { config });

describe('advice on the fee is what can lower it', () => {
  it.each([
    ['a key that may pay none', { fee: undefined }, compile('legacy', [K], [small, pay])],
    ['a limit of 0', fee('0 SOL'), compile('legacy', [K], [small, computeUnitPrice(9n), pay])],
    ['a limit below one signature', fee('0.000004999 SOL'), compile('legacy', [K], [pay])],
    ['a limit of 0, in v1', fee('0 SOL'), v1({ priorityFee: 5n, computeUnitLimit: 1 })],
  ])('nothing does: %s', (_what, rules, message) => {
    expect(adviceOn(rules, message)).toEqual([OTHER_PAYER, LARGER]);
  });

  it.each([
    [
      'a price',
      fee('0.0001 SOL'),
      compile('legacy', [K], [small, computeUnitPrice(1_000_000_000n), pay]),
      'lower the compute unit price, or set a compute unit limit near what the transaction uses',
    ],
    [
      'units alone',
      fee('0.0001 SOL'),
      compile('legacy', [K], [pay]),
      'set a compute unit limit near what the transaction uses',
    ],
    [
      'the header of v1',
      fee('0.0001 SOL'),
      v1({ priorityFee: 5_000_000n, computeUnitLimit: 1_000 }),
      'lower the priority fee',
    ],
    [
      'units of v1, which no price multiplies',
      fee('0.0001 SOL'),
      v1({}),
      'set a compute unit limit near what the transaction uses',
    ],
    [
      'both of v1',
      fee('0.0001 SOL'),
      v1({ priorityFee: 95_000n }),
      'lower the priority fee, and set a compute unit limit near what the transaction uses',
    ],
  ])('%s', (_what, rules, message, sentence) => {
    expect(adviceOn(rules, message)).toEqual([sentence, `or ${OTHER_PAYER}`]);
  });
});

describe('advice on an asset', () => {
  const limits = [{ asset: 'USDC', window: '24h', max: '1 USDC' }];

  it('does not say to leave out SOL where only the fee takes it', () => {
    expect(adviceOn({ limits }, compile('legacy', [K], [memo('hello')]))).toEqual([
      OTHER_PAYER,
      'or have the Sovereign sign a policy that allows it',
    ]);
  });
});

describe('advice on what an attestation narrows asks for another attestation, not for another policy', () => {
  const message = compile('legacy', [K], [pay, memo('hello')]);
  const ANOTHER = 'or ask the Sovereign for an attestation that allows it';
  it.each<[string, NonNullable<AttestationView['scope']>, readonly string[]]>([
    ['limits', { limits: [{ asset: 'USDC', perTransaction: '1' }] }, ['leave SOL out', ANOTHER]],
    [
      'amounts',
      { limits: [{ asset: 'SOL', perTransaction: '1' }] },
      ['ask for at most 0.000000001 SOL in one transaction, the fee included', ANOTHER],
    ],
    ['programs', { programs: ['system'] }, ['leave instruction 1 out', ANOTHER]],
    [
      'destinations',
      { destinations: [addressOf('carol')] },
      [`check ${addressOf('bob')} by another channel: it may have been replaced on its way to you`, ANOTHER],
    ],
  ])('%s', (_what, scope, sentences) => {
    expect(adviceOn({}, message, { scope })).toEqual(sentences);
  });
});

describe('advice on possession', () => {
  const message = compile('legacy', [K], [pay]);
  const key = addressOf('session');

  it('is to prove the key that an attestation names', () => {
    expect(adviceOn({}, message, { possession: key })).toEqual([
      'prove possession on this WebSocket: getChallenge, sign, authenticate',
    ]);
  });

  it('is another attestation where the policy asks and this one names none', () => {
    expect(adviceOn({ attestation: { possession: 'required' } }, message)).toEqual([
      'ask the Sovereign for an attestation that names your key: `chancery attest issue --possession`',
    ]);
  });
});

describe('advice on what goes to accounts of the key', () => {
  const wrapped = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, NATIVE_MINT);
  const usdc = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, parseAddress(USDC_MINT)!);
  // As every library builds it: what is swapped is wrapped first.
  const swap = compile(
    'legacy',
    [K],
    [
      systemTransfer(K, wrapped, 300_000_000n),
      call(PROGRAM_IDS.token, [wrapped], 17),
      whirlpoolSwap({ key: K, input: wrapped, output: usdc, amount: 300_000_000n, least: 1n }),
    ],
  );
  const adviceWith = (ownAccounts: 'counted' | 'trusted', max: string): readonly string[] => {
    const limits = [{ asset: 'SOL', window: '1h', max }];
    const keys = [walletText({ ownAccounts, limits, programs: ['system', 'token', 'whirlpool'] })];
    const bytes = withProfiles(policyBytes({ keys: [...keys, ledgerKeyText()] }));
    const policy = parsePolicy(bytes, { blob: profileBlob });
    const question = questionOf({ policy, key: policy.keys.get('trading-1')! }, swap);
    const state = new ListState(attestation());
    return explain(question, state, decide(question, state)).advice;
  };

  it('is another word in the policy, where it is counted', () => {
    expect(adviceWith('counted', '0.5 SOL')).toEqual([
      'ask for at most 0.5 SOL now, the fee included',
      LARGER,
      'or have the Sovereign sign a policy with `ownAccounts: trusted`, by which what goes to accounts of the key is not counted',
    ]);
    expect(adviceWith('trusted', '0.5 SOL')).toEqual([]);
    expect(adviceWith('trusted', '0.2 SOL')).toEqual([
      'ask for at most 0.2 SOL now, the fee included',
      LARGER,
    ]);
  });
});
