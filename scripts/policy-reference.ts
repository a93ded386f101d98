import { stringify } from 'yaml';
import { z } from 'zod';
import type { Failure } from '../src/core/errors.js';
import { decide } from '../src/policy/decide.js';
import { policySchema } from '../src/policy/schema.js';
import type { RefusalExample } from '../test/support/policy-refusal.js';
import { REFUSALS } from '../test/support/policy-refusals.js';
import { policyObject } from '../test/support/policy-text.js';

/**
 * docs/policy.md: the tables come from the schema, the refusals from real decisions about real transactions.
 * `npm run docs:policy` writes the file; a test fails when it is not current.
 */
export function policyReference(): string {
  const root = z.toJSONSchema(policySchema, { io: 'input', reused: 'inline' });
  const start = fenced('yaml', stringify(policyObject(), { aliasDuplicateObjects: false }).trim());
  const rules = [PROGRAMS, RULES, start, ...REFUSALS.map(refusal)];
  return [INTRODUCTION, '## Fields', ...sections('', root), TABLES, ...rules, ''].join('\n\n');
}

const INTRODUCTION = `# Policy reference

\`policy.yaml\` is what may be signed. The Sovereign signs it; nothing else widens it. It is read strictly: every
scalar is text, unknown keys are errors that name the nearest known one, and anchors, aliases, tags, merge keys,
duplicate keys, a second document, control characters and text that runs backwards are refused. \`chancery policy
check\` lists every problem with its path and line, \`chancery policy diff\` says in plain words what a change widens and
narrows.

A field that is absent never turns a rule off: the column *absent* says what it means.

This page is generated from the schema (\`npm run docs:policy\`).`;

const TABLES = `## Lookup tables

A v0 transaction may name accounts by their position in an address lookup table. What stands there is on the chain, and
whoever tells it decides who is paid: so the policy pins the full contents of each table that may be used, and an
account behind another one is refused with UNRESOLVED_LOOKUP wherever a rule needs to know it.

\`chancery policy pin-table\` writes them. It asks at least two RPC endpoints (their origins differ; that two parties run
them is yours to see to), which must tell of the same account byte for byte, or reads an answer kept in a file; it
refuses a table that is deactivated, empty or not of the lookup table program, and contents that contradict what is
pinned, since a table only grows. It says who can still append to it: what is appended is refused until it is pinned as
well.

\`\`\`
chancery policy pin-table policy.yaml --table ADDRESS --rpc https://rpc-a.example --rpc @rpc-b.url
chancery policy diff policy.yaml --config chancery.yaml
chancery policy sign policy.yaml --config chancery.yaml
\`\`\`

It is a process of its own and signs nothing; the daemon never asks a network. An endpoint is https (plain http only on
this machine), and \`@FILE\` keeps one with an access key out of the process list.`;

const PROGRAMS = `## Declared programs

A program without rules of its own may be called when \`programs\` beside \`keys\` declares it: by its id, an IDL pinned by
SHA-256 (any file in \`idl/\` beside policy.yaml), and for each instruction which accounts are the key, which are its own
token accounts, who is paid, what is spent, and what arguments may be. What is not declared is refused: other
instructions, other accounts in a role, more accounts, bytes after the arguments, an own account in two places, an
optional amount that is left out, a flag whose value no spend names: a value that takes nothing is declared by
a spend of a constant 0.

What is spent goes where the program sends it: \`destinations\`, of a key as of an attestation, is only about accounts that
the declaration names as such. A swap names none, so an agent that turned bad can lose what the limits allow to a pool of
its own, at any price the bounds let through.

What is counted holds as far as the program's code keeps its word. What it could reach if it did not, all that it is
handed of the key's, is shown by \`explain\` under each transaction and by \`policy diff\` for each declaration. The folder
\`profiles\` has declarations for the swaps of nine programs, none of them executed on a VM, and says why routers,
which pass a transaction's accounts on to whatever venue they choose, cannot be bounded by any.`;

const RULES = `## Rules and their refusals

Every rule that fails is reported, each with its figures, in this order: whether the key may be used (frozen,
retired, attestation), what the reading of the transaction refuses, programs, conditions, destinations, assets,
fee, spend, rate, hours. Amounts are base units (lamports for SOL), times UTC. Each
example below is the key \`trading-1\` of this policy with the rules shown in place of its own (and what stands
beside \`keys\`, where that is shown first), what is asked of it, and the failure it answers with.`;

type Schema = z.core.JSONSchema.BaseSchema;

/** The tables of an object and, below it, of every object in it. */
function sections(path: string, schema: Schema): string[] {
  const properties = Object.entries(schema.properties ?? {}).map(([field, item]) => ({
    field,
    item: asSchema(item),
  }));
  const required = new Set(schema.required ?? []);
  const rows = properties.map(({ field, item }) => {
    const means = item['absent'];
    if (!required.has(field) && typeof means !== 'string') {
      throw new Error(`${path}.${field} is optional and nothing says what its absence means`);
    }
    return `| \`${field}\` | ${form(item)} | ${item.description ?? ''} | ${required.has(field) ? '(required)' : String(means)} |`;
  });
  const table = ['| field | form | meaning | absent |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const below = properties.flatMap(({ field, item }) => {
    const [inner, suffix] = objectIn(item);
    return inner === null ? [] : sections(`${path === '' ? '' : `${path}.`}${field}${suffix}`, inner);
  });
  return [path === '' ? table : `### \`${path}\`\n\n${table}`, ...below];
}

function form(schema: Schema): string {
  if (typeof schema['form'] === 'string') return schema['form'];
  return schema.properties === undefined ? String(schema.type) : 'map';
}

/** The object a field holds: itself, its items, its values, or one of its alternatives. */
function objectIn(schema: Schema): readonly [Schema | null, string] {
  if (schema.properties !== undefined) return [schema, ''];
  if (schema.items !== undefined && !Array.isArray(schema.items)) {
    const [inner, suffix] = objectIn(asSchema(schema.items));
    return [inner, `[]${suffix}`];
  }
  if (typeof schema.additionalProperties === 'object') {
    const [inner, suffix] = objectIn(schema.additionalProperties);
    return [inner, `.<name>${suffix}`];
  }
  const options = (schema.anyOf ?? []).map((option) => objectIn(asSchema(option)));
  const maps = options.flatMap(([inner, suffix]) => (inner !== null && suffix === '' ? [inner] : []));
  if (maps.length > 1) return [eitherOf(maps), ''];
  return options.find(([inner]) => inner !== null) ?? [null, ''];
}

/** Alternatives as one table: each field is one way to say it. */
function eitherOf(options: readonly Schema[]): Schema {
  const names = options.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const properties = options.flatMap((option) =>
    Object.entries(option.properties ?? {}).map(([name, field]) => {
      const others = names.filter((other) => other !== name).map((other) => `\`${other}\``);
      return [name, { ...asSchema(field), absent: `give ${others.join(' or ')}` }] as const;
    }),
  );
  return { properties: Object.fromEntries(properties) };
}

function asSchema(schema: Schema | boolean): Schema {
  if (typeof schema === 'boolean') throw new Error('the schema has a field of any kind');
  return schema;
}

function refusal(example: RefusalExample): string {
  const { question, state } = example.ask();
  const verdict = decide(question, state);
  if (verdict.decision === 'allow') throw new Error(`${example.title}: nothing is refused`);
  const found = verdict.failures.find(({ code }) => code === example.code);
  if (found === undefined) throw new Error(`${example.title}: not refused with ${example.code}`);
  return [
    `### ${example.title}`,
    ...(example.site === undefined ? [] : [fenced('yaml', yaml(example.site))]),
    fenced('yaml', yaml(example.rules)),
    `Asked: ${example.asked}.`,
    fenced('json', shown(found)),
  ].join('\n\n');
}

function yaml(value: object): string {
  return stringify(value, {
    flowCollectionPadding: true,
    lineWidth: 100,
    aliasDuplicateObjects: false,
  }).trim();
}

function shown(failure: Failure): string {
  return JSON.stringify(failure, null, 2);
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
