import type { z } from 'zod';
import { strictObject } from '../core/schema.js';
import { absent, address, either, list, map, oneOf, text } from './fields.js';

/** Names as an IDL writes them; a dot leads into a group of accounts or a struct: `params.amountIn`. */
const idlName = (description: string) =>
  text(/^[A-Za-z_][A-Za-z0-9_.]{0,127}$/, 'a name of the IDL', description);
const integer = (description: string) =>
  text(/^(0|-?[1-9]\d{0,38})$/, 'a whole number in base units', description);
const natural = (description: string) => text(/^(0|[1-9]\d{0,19})$/, 'a whole number', description);
const accounts = (description: string) =>
  absent(list(idlName('an account'), 'accounts of the IDL', description), 'none');

const spend = strictObject({
  source: idlName('the paying account: one that `key` (SOL) or `own` (its asset) names'),
  amount: either(
    [
      strictObject({ argument: idlName('the argument that says how much') }),
      strictObject({ constant: natural('base units that are always counted') }),
    ],
    'a map with argument or constant',
    'what is counted',
  ),
  when: absent(
    strictObject({
      argument: idlName('a flag, such as the direction of a swap'),
      equals: integer('the value at which the spend is counted'),
    }).meta({
      description:
        'counted only when a flag has a value; a value that no spend of the instruction names is refused',
    }),
    'always counted',
  ),
});

const bound = strictObject({
  argument: idlName('the argument that is bounded'),
  least: absent(integer('the least it may be'), 'no least'),
  most: absent(integer('the most it may be'), 'no most'),
  ratio: absent(
    strictObject({
      of: idlName('the argument it is compared with'),
      numerator: natural('at least so many'),
      denominator: text(/^[1-9]\d{0,19}$/, 'a whole number from 1', 'for so many of the other'),
    }).meta({ description: 'argument × denominator is at least `of` × numerator' }),
    'no ratio',
  ),
});

const instruction = strictObject({
  name: idlName('the instruction, as in the IDL'),
  key: accounts('accounts that must be the key'),
  own: accounts("accounts that must be the key's own token accounts of declared assets"),
  destinations: accounts('accounts the destination rule is about'),
  fixed: absent(
    map(address('the one address'), 'account', 'accounts that must have one address'),
    'those the IDL fixes',
  ),
  remaining: absent(
    text(/^(\d|[1-5]\d|6[0-4])$/, 'a whole number to 64', 'how many accounts may follow those of the IDL'),
    '0',
  ),
  spends: absent(list(spend, 'spends', 'what the instruction can take'), 'nothing is counted'),
  bounds: absent(list(bound, 'bounds', 'demands on arguments'), 'none'),
});

export const programSchema = strictObject({
  id: address('the program id'),
  idl: strictObject({
    format: oneOf(['anchor', 'codama'], 'how the IDL is written'),
    sha256: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits', 'SHA-256 of its exact bytes'),
  }).meta({ description: 'the IDL the declaration was read from' }),
  instructions: list(instruction, 'instructions', 'what may be called; all else is refused').min(1, {
    error: 'expected at least one instruction',
  }),
});

export type ProgramText = z.infer<typeof programSchema>;
