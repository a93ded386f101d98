import { z } from 'zod';
import { strictObject } from '../core/schema.js';
import type { PURPOSES } from '../sovereign/authority.js';
import type { StakeInstruction } from '../solana/assessment.js';
import { SPEND_WINDOWS } from './policy.js';

/**
 * The shape of policy.yaml. Every scalar is text (the file is read without types), so patterns stand for types;
 * what names mean, whether they exist and what they add up to is `compile`'s to say. Descriptions are the
 * policy reference: docs/policy.md is generated from them.
 */

function text(pattern: RegExp, expected: string, description: string): z.ZodString {
  const error = `expected ${expected}`;
  return z.string({ error }).regex(pattern, { error }).describe(description);
}

function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return z.enum(values, { error: `expected one of ${values.join(', ')}` }).describe(description);
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const name = (description: string) =>
  text(NAME, 'a name of 1 to 64 ASCII letters, digits, dots, dashes or underscores', description);
const address = (description: string) =>
  text(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'a base58 address', description);
const amount = (description: string) =>
  text(/^[0-9.]{1,40} [A-Za-z][A-Za-z0-9._-]{0,31}$/, 'an amount with its unit, like "0.5 SOL"', description);
const duration = (description: string) =>
  text(/^[1-9]\d{0,8}[smhd]$/, 'a duration like 90s, 30m, 1h or 7d', description);
const count = (description: string) =>
  text(/^(0|[1-9]\d{0,8})$/, 'a whole number without a sign', description);
const printable = (description: string) =>
  text(/^[\x20-\x7e]{1,200}$/, '1 to 200 printable ASCII characters', description);
const clockTime = (description: string) =>
  text(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day like "09:30"', description);
const spiffeId = (description: string) =>
  text(/^spiffe:\/\/\S{1,2040}$/, 'a SPIFFE ID like spiffe://domain/path', description);

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

const authority = strictObject({
  id: name('name of the authority, for people'),
  ssh: z.string().optional().describe('an SSH public key, as one line of a .pub file'),
  solana: address('a wallet address that signs off-chain messages').optional(),
  preamble: z.array(z.string()).optional().describe('off-chain preambles this wallet may sign with'),
  require: z.array(z.string()).optional().describe('what a FIDO key must prove at each signature'),
});

const threshold = strictObject({
  attestation: count('signatures an attestation needs').optional(),
  approval: count('signatures an approval needs').optional(),
  policy: count('signatures a policy needs').optional(),
  unfreeze: count('signatures an unfreeze needs').optional(),
  key: count('signatures a key statement needs').optional(),
  'accept-rollback': count('signatures the acceptance of a rollback needs').optional(),
  watermark: count('signatures a watermark needs').optional(),
} satisfies Record<(typeof PURPOSES)[number], z.ZodOptional<z.ZodString>>);

const token = strictObject({
  manufacturer: printable('the manufacturer the token states'),
  model: printable('the model the token states'),
  serial: printable('the serial number the token states'),
  label: printable('the label of the token'),
});

const asset = strictObject({
  mint: address('the mint'),
  program: oneOf(['token', 'token-2022'], 'the token program the mint belongs to'),
  decimals: text(/^(\d|1\d)$/, 'a number of decimals from 0 to 19', 'decimals of the mint, 0 to 19'),
  accountRent: amount('lamports counted for opening one account of this mint').optional(),
});

const workload = strictObject({
  id: spiffeId('the SPIFFE ID these selectors stand for'),
  selectors: z
    .array(z.string({ error: 'expected a selector like "unix:uid:1001"' }), { error: 'expected a list' })
    .min(1, { error: 'expected at least one selector: none would match every caller' })
    .describe('facts that must all hold for the calling process'),
});

const limit = strictObject({
  asset: name('SOL or a declared asset'),
  perTransaction: amount('the most one transaction may take').optional(),
  window: oneOf(SPEND_WINDOWS, 'the rolling window of `max`'),
  max: amount('the most the window may hold'),
  destination: z
    .union([z.literal('each'), address('a wallet or an account')], { error: 'expected `each` or an address' })
    .optional()
    .describe('counts only what goes to this destination; `each` counts every destination for itself'),
  workload: z
    .union([z.literal('each'), spiffeId('a workload')], { error: 'expected `each` or a SPIFFE ID' })
    .optional()
    .describe('counts only what this workload spends; `each` counts every workload for itself'),
});

const rate = strictObject({
  max: count('the most transactions in the window'),
  window: oneOf(['1m', ...SPEND_WINDOWS], 'the rolling window'),
  workload: z
    .union([z.literal('each'), spiffeId('a workload')], { error: 'expected `each` or a SPIFFE ID' })
    .optional()
    .describe('counts only this workload; `each` counts every workload for itself'),
});

const hours = strictObject({
  zone: z.string().describe('an IANA time zone such as America/New_York'),
  days: text(
    /^[a-z,-]{3,40}$/,
    'days like mon-fri or "sat,sun"',
    'days of the week, as a range or a list; a time past midnight belongs to the day it began on',
  ),
  from: clockTime('first minute of the day that is open'),
  to: clockTime('first minute that is closed again; earlier than `from` it is on the next day'),
});

const deny = strictObject({
  accounts: z
    .array(address('an account'))
    .optional()
    .describe('no transaction may mention these accounts or their derived token accounts'),
  programs: z.array(name('a program')).optional().describe('no transaction may call these programs'),
});

const attestation = strictObject({
  maxAge: duration('the oldest an attestation may be').optional(),
  challenge: oneOf(['optional', 'required'], 'whether it must name a recent head of this ledger').optional(),
  possession: oneOf(['optional', 'required'], 'whether it must name a key the caller proves').optional(),
});

const key = strictObject({
  id: name('the name callers use'),
  token: name('the token the key lives in'),
  object: strictObject({
    label: printable('CKA_LABEL of the key'),
    id: text(/^([0-9a-f]{2}){1,64}$/, 'lower-case hex', 'CKA_ID of the key, hex').optional(),
  }),
  publicKey: address('the public key; every signature is verified against it'),
  role: oneOf(['wallet', 'validator-identity', 'vote-authority', 'ledger'], 'the one purpose of the key'),
  workloads: z.array(spiffeId('a workload')).optional().describe('workloads that may ask for signatures'),
  attestation: attestation.optional().describe('what an attestation must be like'),
  limits: z.array(limit).optional().describe('what may be spent, per asset and window'),
  fee: strictObject({ perTransaction: amount('the most one transaction may pay in fees') })
    .optional()
    .describe('fees the key may pay; they also count in every SOL limit'),
  programs: z.array(name('a program')).optional().describe('programs a transaction may call'),
  destinations: z
    .union([z.literal('any'), z.array(address('a wallet or an account'))], {
      error: 'expected `any` or a list of addresses',
    })
    .optional()
    .describe('who may receive; a wallet stands for its derived token accounts too'),
  stake: z
    .array(oneOf(STAKE_INSTRUCTIONS, 'an instruction'))
    .optional()
    .describe('stake instructions the key may use, when `programs` has stake'),
  ownAccounts: oneOf(
    ['counted', 'trusted'],
    'whether a move to a token account derived for the key counts as spend',
  ).optional(),
  rate: z
    .union([rate, z.array(rate).min(1, { error: 'expected at least one rate' })], {
      error: 'expected a rate or a list of rates',
    })
    .optional()
    .describe('how many transactions, one rule or several'),
  hours: hours.optional().describe('when signing is open'),
  deny: deny.optional().describe('what is refused whatever else allows it'),
  maxInstructions: count('the most instructions in a transaction, inner ones included').optional(),
  maxSigners: count('the most signers of a transaction').optional(),
  coSigners: z.array(address('a public key')).optional().describe('keys that must sign too'),
  memo: z
    .union([z.literal('required'), strictObject({ startsWith: printable('how the memo begins') })], {
      error: 'expected `required` or a map with startsWith',
    })
    .optional()
    .describe('a memo that every transaction must carry'),
});

export const policySchema = strictObject({
  version: z.literal('1', { error: 'expected 1' }).describe('version of this format'),
  signer: z.string().describe('the origin of the ledger this policy is for'),
  serial: count('grows with every policy of this signer'),
  sovereign: strictObject({
    epoch: count('statements of an earlier epoch no longer hold'),
    threshold: threshold.describe('how many distinct keys must sign, by purpose; all of them when absent'),
    authorities: z
      .array(authority)
      .min(1, { error: 'expected at least one authority' })
      .describe('the members of the Sovereign'),
  }).describe('the human authority'),
  tokens: z.record(z.string(), token).describe('HSM tokens by name, as they must identify themselves'),
  assets: z.record(z.string(), asset).optional().describe('tokens that may be spent, by name'),
  rent: strictObject({ tokenAccount: amount('lamports counted for opening one plain token account') })
    .optional()
    .describe('rent that transactions are counted with'),
  tables: z
    .record(z.string(), z.array(address('an account')).min(1).max(256))
    .optional()
    .describe('full contents of address lookup tables, by address'),
  workloads: z.array(workload).optional().describe('who the callers are'),
  keys: z.array(key).min(1, { error: 'expected at least one key' }).describe('the keys and their rules'),
});

export type PolicyText = z.infer<typeof policySchema>;
export type KeyText = PolicyText['keys'][number];
