import { WAIVERS } from '../core/key-checks.js';
import { z } from 'zod';
import { strictObject } from '../core/schema.js';
import type { StakeInstruction } from '../solana/assessment.js';
import {
  absent,
  address,
  amount,
  clockTime,
  count,
  duration,
  either,
  line,
  list,
  name,
  oneOf,
  printable,
  spiffeId,
  text,
} from './fields.js';
import { SPEND_WINDOWS } from './policy.js';

const STAKE_INSTRUCTIONS = [
  'Initialize',
  'InitializeChecked',
  'DelegateStake',
  'Deactivate',
  'Withdraw',
  'Split',
  'Merge',
  'MoveStake',
  'MoveLamports',
] as const satisfies readonly StakeInstruction[];

const oneWorkload = (description: string) =>
  either([z.literal('each'), spiffeId('a workload')], '`each` or a SPIFFE ID', description);

const limit = strictObject({
  asset: name('SOL or a declared asset'),
  perTransaction: absent(amount('the most one transaction may take'), 'only `max` bounds it'),
  window: oneOf(SPEND_WINDOWS, 'the rolling window of `max`'),
  max: amount('the most the window may hold'),
  destination: absent(
    either(
      [z.literal('each'), address('a wallet or an account')],
      '`each` or an address',
      'counts only what goes to this destination, the token accounts of a wallet with it; `each` counts every ' +
        'receiving account for itself, so a wallet and each of its token accounts apart',
    ),
    'counts what goes anywhere',
  ),
  workload: absent(
    oneWorkload('counts only what this workload spends; `each` counts every workload for itself'),
    'counts what all workloads spend',
  ),
});

const rate = strictObject({
  max: count('the most transactions in the window'),
  window: oneOf(['1m', ...SPEND_WINDOWS], 'the rolling window'),
  workload: absent(
    oneWorkload('counts only this workload; `each` counts every workload for itself'),
    'counts all workloads',
  ),
});

const hours = strictObject({
  zone: line(
    'an IANA time zone like America/New_York',
    'the zone whose wall clock decides, daylight saving included',
  ),
  days: text(
    /^[a-z,-]{3,40}$/,
    'days like mon-fri or "sat,sun"',
    'days of the week; a time past midnight belongs to the day it began on',
  ),
  from: clockTime('first minute that is open'),
  to: clockTime('first minute that is closed again; earlier than `from`, it is on the next day'),
});

const deny = strictObject({
  accounts: absent(
    list(
      address('an account'),
      'addresses',
      'no transaction may mention these accounts or their derived token accounts, in any role',
    ),
    'none',
  ),
  programs: absent(list(name('a program'), 'programs', 'no transaction may call these programs'), 'none'),
});

const attestation = strictObject({
  maxAge: absent(duration('the oldest an attestation may be'), '`1h`'),
  challenge: absent(
    oneOf(['optional', 'required'], 'whether it must name a head of this ledger no older than `maxAge`'),
    '`optional`',
  ),
  possession: absent(
    oneOf(['optional', 'required'], 'whether it must name a key that the connection proves'),
    '`optional`',
  ),
});

/** Each is a meter to read at every decision: the bound is one on its time. */
const MAX_LIMITS = 256;

export const keySchema = strictObject({
  id: name('the name callers use'),
  token: name('the token the key lives in'),
  object: strictObject({
    label: printable('CKA_LABEL of the key'),
    id: absent(text(/^([0-9a-f]{2}){1,64}$/, 'lower-case hex', 'CKA_ID of the key'), 'any'),
    waivers: absent(
      list(
        oneOf(WAIVERS, 'a check'),
        'checks',
        'trust checks the key may fail; `imported` for a key made outside',
      ),
      'none',
    ),
  }).meta({ description: 'where the key is found on the token' }),
  publicKey: address('the public key; every signature is verified against it'),
  role: oneOf(['wallet', 'validator-identity', 'vote-authority', 'ledger'], 'the one purpose of the key'),
  workloads: absent(
    list(spiffeId('a workload'), 'SPIFFE IDs', 'workloads that may ask for signatures'),
    'none',
  ),
  attestation: absent(attestation.meta({ description: 'what an attestation must be like' }), 'the defaults'),
  limits: absent(
    list(limit, 'limits', `what may be spent; at most ${String(MAX_LIMITS)}`).max(MAX_LIMITS, {
      error: `expected at most ${String(MAX_LIMITS)} limits`,
    }),
    'an asset without a limit may not be spent',
  ),
  fee: absent(
    strictObject({ perTransaction: amount('the most one transaction may pay') }).meta({
      description: 'fees the key may pay; they also count in every SOL limit but those with a `destination`',
    }),
    'may not pay fees',
  ),
  programs: absent(list(name('a program'), 'programs', 'programs a transaction may call'), 'none'),
  destinations: absent(
    either(
      [z.literal('any'), list(address('a wallet or an account'), 'addresses', 'who may receive')],
      '`any` or a list of addresses',
      'who may receive; a wallet stands for its derived token accounts too; the key and those derived for it need ' +
        'no listing, and what goes to them is spend by `ownAccounts`',
    ),
    'none',
  ),
  stake: absent(
    list(
      oneOf(STAKE_INSTRUCTIONS, 'an instruction'),
      'stake instructions',
      'stake instructions the key may use when `programs` has `stake`',
    ),
    'Initialize, InitializeChecked, DelegateStake, Deactivate, Withdraw',
  ),
  ownAccounts: absent(
    oneOf(
      ['counted', 'trusted'],
      'whether a move to a token account derived for the key counts as spend; `trusted` is the word of the ' +
        'Sovereign that no such account ever had a foreign owner, delegate or close authority',
    ),
    '`counted`',
  ),
  rate: absent(
    either(
      [rate, list(rate, 'rates', 'several rates').min(1, { error: 'expected at least one rate' })],
      'a rate or a list of rates',
      'how many transactions',
    ),
    '600 in 1m',
  ),
  hours: absent(hours.meta({ description: 'when signing is open' }), 'any hour'),
  deny: absent(deny.meta({ description: 'what is refused whatever else allows it' }), 'nothing'),
  maxInstructions: absent(
    count('the most instructions of a transaction, those inside a batch included'),
    '64, the bound of every transaction',
  ),
  maxSigners: absent(count('the most signers of a transaction'), 'what fits a transaction'),
  coSigners: absent(
    list(address('a public key'), 'addresses', 'keys that must be signers of the transaction too'),
    'none',
  ),
  memo: absent(
    either(
      [z.literal('required'), strictObject({ startsWith: printable('how the memo begins') })],
      '`required` or a map with startsWith',
      'a memo that every transaction must carry',
    ),
    'none is needed',
  ),
});

export type KeyText = z.infer<typeof keySchema>;
