import { z } from 'zod';
import { formatDuration, parseDuration, type Duration } from '../core/duration.js';
import { NAME } from '../core/name.js';
import { isSignerName } from '../core/origin.js';
import { strictObject } from '../core/schema.js';

/** The shape of chancery.yaml. Every scalar arrives as text; descriptions are the configuration reference. */

function text(pattern: RegExp, expected: string, description: string): z.ZodString {
  const error = `expected ${expected}`;
  return z.string({ error }).regex(pattern, { error }).describe(description);
}

const path = (description: string) =>
  text(/^[^\0\n]{1,4096}$/, 'a path', `${description}; relative to this file's directory`);

const count = (least: number, most: number, description: string) => {
  const error = `expected a whole number from ${String(least)} to ${String(most)}`;
  return z
    .string({ error })
    .regex(/^[1-9]\d{0,9}$/, { error })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error })
    .describe(`${description}, ${String(least)} to ${String(most)}`);
};

const duration = (least: Duration, most: Duration, description: string) => {
  const range = `${formatDuration(least)} to ${formatDuration(most)}`;
  const error = `expected a duration from ${range}`;
  return z
    .string({ error })
    .transform((value) => parseDuration(value) ?? Number.NaN)
    .refine((value) => value >= least && value <= most, { error })
    .describe(`${description}, ${range}`);
};

const LEAST_CHECKPOINT_INTERVAL = 1000 as Duration;
const MOST_CHECKPOINT_INTERVAL = 600_000 as Duration;

const mode = (description: string) =>
  text(/^0[0-7]{3}$/, 'an octal mode like "0660"', description).transform((value) => parseInt(value, 8));

const group = (description: string) =>
  text(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'the name or number of a group', description).optional();

/** What an operator may do on the admin socket, by group of commands. */
const POWERS = ['read', 'narrow', 'submit', 'ceremony'] as const;
export type Power = (typeof POWERS)[number];

const pin = strictObject({
  file: path('a file with the PIN alone, mode 0400').optional(),
  credential: text(
    /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/,
    'the name of a systemd credential',
    'a systemd credential that holds the PIN',
  ).optional(),
}).transform(({ file, credential }, context) => {
  if (file !== undefined && credential === undefined) return { file };
  if (file === undefined && credential !== undefined) return { credential };
  context.addIssue('expected exactly one of file and credential; the PIN itself never stands here');
  return z.NEVER;
});

const token = strictObject({
  module: path('the PKCS#11 module of the vendor'),
  pin: pin.describe('where the HSM host process reads the PIN'),
  environment: z
    .record(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
        // These change the host process itself, which is ours; the module needs none of them.
        .refine((name) => !/^(LD|NODE)_/.test(name) && name !== 'PATH'),
      text(/^[^\0\n]{1,4096}$/, 'one line of text', 'value'),
      {
        error: (issue) =>
          issue.code === 'invalid_key'
            ? 'expected the name of a variable for the module; those that change the host process (LD_, NODE_, PATH) are not passed on'
            : 'expected a map by variable',
      },
    )
    .optional()
    .describe(
      "what the module needs in its environment; a relative path in a variable whose name ends in _CONF is taken from this file's directory",
    ),
  sessions: count(2, 64, 'the most sessions held open with the token').optional(),
});

export const configSchema = strictObject({
  version: z.literal('1', { error: 'expected 1' }).describe('version of this format'),
  name: z
    .string()
    .refine(isSignerName, { error: 'expected 1 to 32 lower-case letters, digits and inner dashes' })
    .describe("the signer's name, which stands in its origin"),
  sockets: strictObject({
    signer: strictObject({
      path: path('where workloads connect'),
      mode: mode('mode of the socket').optional(),
      group: group('the group of workloads that owns the socket'),
    }),
    admin: strictObject({
      path: path('where operators connect'),
      mode: mode('mode of the socket; nothing for others')
        .refine((value) => (value & 0o007) === 0, { error: 'others must have no access to the admin socket' })
        .optional(),
      group: group('the group of operators that owns the socket'),
    }),
  }),
  operators: z
    .array(
      strictObject({
        uid: text(/^(0|[1-9]\d{0,9})$/, 'a user id', 'the uid of the operator').transform(Number),
        may: z
          .array(z.enum(POWERS, { error: `expected one of ${POWERS.join(', ')}` }))
          .min(1)
          .describe(
            'read: status and lists; narrow: freeze, revoke; submit: statements; ceremony: keys, unlock',
          ),
      }),
      { error: 'expected a list' },
    )
    .min(1, { error: 'expected at least one operator: leave it out to let the socket mode decide' })
    .optional()
    .describe('who may do what on the admin socket; when absent whoever can open it may do all'),
  ledger: strictObject({
    directory: path('the directory of the ledger'),
    checkpointInterval: duration(
      LEAST_CHECKPOINT_INTERVAL,
      MOST_CHECKPOINT_INTERVAL,
      'how often a growing ledger is signed; no limit of the policy depends on it',
    ).optional(),
    archives: z
      .array(path('a directory that old segments were moved to'), { error: 'expected a list' })
      .max(16, { error: 'expected at most 16 directories' })
      .optional()
      .describe('where old segments were moved: read from there as if they had stayed'),
    dailyBytesPerUid: count(
      65_536,
      9_999_999_999,
      'bytes of ledger the requests of one uid may fill in 24 hours',
    ).optional(),
  }),
  policy: path('the policy file; its signature stands beside it with .sig'),
  tokens: z
    .record(z.string().regex(NAME), token, {
      error: (issue) =>
        issue.code === 'invalid_key'
          ? 'expected a name of letters, digits, dots and dashes'
          : issue.input === undefined
            ? undefined
            : 'expected a map by name',
    })
    .describe('how to reach each token the policy names'),
  limits: strictObject({
    maxRequestBytes: count(16_384, 16_777_216, 'bytes of one request').exactOptional(),
    maxConnections: count(1, 16_384, 'connections on one socket').exactOptional(),
    maxConnectionsPerUid: count(1, 16_384, 'connections of one uid on one socket').exactOptional(),
    maxInFlightPerConnection: count(1, 4096, 'requests in flight on one connection').exactOptional(),
    maxInFlightPerUid: count(1, 16_384, 'requests in flight of one uid').exactOptional(),
    maxInFlight: count(1, 16_384, 'requests in flight on one socket').exactOptional(),
  })
    .optional()
    .describe('bounds on what callers can make grow'),
  log: strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'], { error: 'expected debug, info, warn or error' })
      .optional(),
  })
    .optional()
    .describe('lines on standard error'),
});

export type ConfigText = z.infer<typeof configSchema>;
