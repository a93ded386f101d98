import { z } from 'zod';
import { strictObject } from '../core/schema.js';
import { MAX_SIGNATURES, type PURPOSES } from '../sovereign/authority.js';
import { anchorSchema } from './anchor-schema.js';
import {
  absent,
  address,
  amount,
  count,
  line,
  list,
  map,
  name,
  oneOf,
  printable,
  spiffeId,
  text,
} from './fields.js';
import { keySchema } from './key-schema.js';
import { programSchema } from './program-schema.js';

/**
 * The shape of policy.yaml; what names mean, whether they exist and what they add up to is `compilePolicy`'s to
 * say. The descriptions are the policy reference: docs/policy.md is generated from them.
 */

const authority = strictObject({
  id: name('name of the authority, for people'),
  ssh: absent(line('one line of a .pub file', 'an SSH public key'), 'give `solana`'),
  solana: absent(address('a wallet that signs off-chain messages'), 'give `ssh`'),
  preamble: absent(
    list(line('a preamble', 'one of them'), 'preambles', 'off-chain preambles this wallet may sign with'),
    'needed with `solana`',
  ),
  require: absent(
    list(
      line('touch or pin', 'one of them'),
      '`touch` `pin`',
      'what a FIDO key must prove at each signature',
    ),
    '`touch` for FIDO keys',
  ),
});

const signatures = (what: string) =>
  absent(
    count(`signatures of distinct keys that ${what} needs; at most ${String(MAX_SIGNATURES)}`),
    'all authorities',
  );

const threshold = strictObject({
  attestation: signatures('an attestation'),
  approval: signatures('an approval'),
  policy: signatures('a policy'),
  unfreeze: signatures('an unfreeze'),
  key: signatures('a key statement'),
  'accept-rollback': signatures('the acceptance of a rollback'),
  watermark: signatures('a watermark'),
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
  decimals: text(
    /^(\d|1\d)$/,
    'a number of decimals from 0 to 19',
    'decimals of the mint; a checked transfer that names others is refused',
  ),
  accountRent: absent(
    amount(
      'token-2022 only: rent counted for opening one account of this mint, for those with large extensions',
    ),
    'by `rent`, for 200 bytes',
  ),
});

const workload = strictObject({
  id: spiffeId('the identity these selectors stand for'),
  selectors: list(
    z.string({ error: 'expected a selector like "unix:uid:1001"' }),
    'selectors like "unix:uid:1001"',
    'facts of the calling process that must all hold',
  ).min(1, { error: 'expected at least one selector: none would match every caller' }),
});

export const policySchema = strictObject({
  version: z
    .literal('1', { error: 'expected 1' })
    .meta({ description: 'version of this format', form: '`1`' }),
  signer: line(
    'an origin like chancery.local/demo/5f0c9a3b1d2e4f60',
    'the origin of the ledger this policy is for',
  ),
  serial: count('grows with every policy of this signer'),
  sovereign: strictObject({
    epoch: count('statements of another epoch do not hold; it never goes back'),
    threshold: threshold.meta({ description: 'how many must sign, by purpose' }),
    authorities: list(authority, 'authorities', 'the members of the Sovereign').min(1, {
      error: 'expected at least one authority',
    }),
  }).meta({ description: 'the human authority' }),
  tokens: map(token, 'name', 'HSM tokens as they must identify themselves'),
  anchors: absent(
    list(anchorSchema, 'anchors', 'where checkpoints of the ledger must stand outside its directory').max(8),
    'none: a ledger restored from an older copy is not noticed',
  ),
  assets: absent(map(asset, 'name', 'tokens that may be spent'), 'only SOL'),
  rent: absent(
    strictObject({ tokenAccount: amount('rent counted for opening one plain token account') }).meta({
      description: 'rent that transactions are counted with',
    }),
    '0.00203928 SOL for 165 bytes, in proportion for other sizes',
  ),
  tables: absent(
    map(
      list(address('an account'), 'addresses', 'the accounts in order').min(1).max(256),
      'address',
      'full contents of address lookup tables',
    ),
    'none',
  ),
  programs: absent(
    map(programSchema, 'name', 'programs beyond the known ones, declared by their IDL'),
    'none',
  ),
  workloads: absent(list(workload, 'workloads', 'who the callers are'), 'none'),
  keys: list(keySchema, 'keys', 'the keys and their rules').min(1, { error: 'expected at least one key' }),
});

export type PolicyText = z.infer<typeof policySchema>;
