import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayLedger } from '../../../src/audit/replay/replay.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import type { JsonValue } from '../../../src/core/canonical-json.js';
import { WIRE_CODES } from '../../../src/core/errors.js';
import { CUT, everyEntry } from '../../support/audit/every-entry.js';
import { authorization, policyText, sha256, SOVEREIGN, STRANGER } from '../../support/audit/history.js';
import { lineOf } from '../../support/audit/ledger-writer.js';

type Fields = { readonly [name: string]: JsonValue };

const ledger = everyEntry();
const entries = ledger.lines.map((line) => JSON.parse(line.slice(65)) as Fields);
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'chancery-rewritten-'));
  ledger.write(directory, undefined, [policyText(), CUT]);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Whether a ledger that its owner wrote anew, every hash and sequence made to fit, is taken for a sound one. */
async function passes(rewritten: readonly Fields[]): Promise<boolean> {
  let previous = '0'.repeat(64);
  const lines = rewritten.map((entry, sequence) => {
    const { line, hash } = lineOf({ ...entry, previous, sequence: String(sequence) });
    previous = hash;
    return line;
  });
  writeFileSync(join(directory, '000000000000.ledger'), lines.join(''));
  const { sound, open } = await verifyLedger({ directory });
  return sound && open.length === 0 && (await replayLedger({ directory })).different === 0;
}

/** Something else that could stand there. */
function other(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return { uid: 0, pid: 7 };
  if (/^\d+$/.test(value)) return String(BigInt(value) + 1n);
  if (value.endsWith('Z')) return new Date(Date.parse(value) + 1).toISOString();
  if (WIRE_CODES.some((code) => code === value)) return 'OVERLOADED';
  if (/^[0-9a-f]{64}$/.test(value)) return sha256(`not ${value}`);
  if (value === STRANGER.address) return SOVEREIGN.address;
  if (/^[1-9A-HJ-NP-Za-km-z]{43,44}$/.test(value)) return STRANGER.address;
  if (value.length > 200) return authorization('', 99).message;
  return value === 'transaction' ? 'vote' : `${value}x`;
}

interface Change {
  readonly name: string;
  readonly value: JsonValue | undefined;
}

/** Every field within `value` taken away, and everything that is no list or object replaced. */
function changes(value: JsonValue, name: string): Change[] {
  if (typeof value !== 'object' || value === null) return [{ name, value: other(value) }];
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return list.flatMap((each, at) =>
      [{ name: `${name}[] gone`, value: undefined }, ...changes(each, `${name}[]`)].map((change) => ({
        name: change.name,
        value: list.flatMap((kept, place) => (place === at ? (change.value ?? []) : [kept])),
      })),
    );
  }
  return Object.entries(value as Fields).flatMap(([field, inner]) =>
    [{ name: `${name}.${field} gone`, value: undefined }, ...changes(inner, `${name}.${field}`)].map(
      (change) => ({ name: change.name, value: without({ ...(value as Fields), [field]: change.value }) }),
    ),
  );
}

function without(fields: { readonly [name: string]: JsonValue | undefined }): Fields {
  return JSON.parse(JSON.stringify(fields)) as Fields;
}

/** Who asked from where, who stopped what and why, what was refused or failed, and of what software: no signature covers it. */
const TAKEN_ON_ITS_WORD: readonly string[] = [
  'authorization.peer.exe',
  'authorization.peer.gid',
  'authorization.peer.pid',
  'authorization.request',
  'denial.batch gone',
  'denial.codes[]',
  'denial.count',
  'denial.key',
  'denial.key gone',
  'denial.message gone',
  'denial.uid',
  'denial.uid gone',
  'denial.workload',
  'failure.code',
  'freeze.by',
  'freeze.by.pid',
  'freeze.by.uid',
  'freeze.reason',
  'key.label',
  'key.publicKey',
  'key.token',
  'revocation.attestation',
  'revocation.by.pid',
  'revocation.by.uid',
  'revocation.reason',
  'revocation.workload',
  'snapshot.sha256',
  'snapshot.size',
  'start.boot',
  'start.modules.main',
  'start.modules.main gone',
  'start.version',
  'stop.reason',
];

/** That a freeze or a revocation is gone, only a checkpoint that was kept elsewhere shows. */
const MISSED_BY_NOBODY: readonly string[] = [
  'denial',
  'freeze',
  'key',
  'repair',
  'revocation',
  'snapshot',
  'stop',
  'tick',
];

describe('a ledger that was written anew by whoever holds its key', () => {
  it('is sound before anything in it was changed', async () => {
    expect(await passes(entries)).toBe(true);
  });

  it('betrays a change of any field but those for which the word of the daemon is all there is', async () => {
    const passed = new Set<string>();
    const forms = new Set<string>();
    for (const [at, { sequence, previous, statement, ...body }] of entries.entries()) {
      const form = JSON.stringify([body['type'], Object.keys(body)]);
      if (forms.has(form)) continue;
      forms.add(form);
      for (const { name, value } of changes(body, body['type'] as string)) {
        const entry = without({ ...(value as Fields), sequence, previous, statement });
        if (await passes(entries.with(at, entry))) passed.add(name);
      }
    }
    // And when it was, of any entry, as far as those beside it and the statements' own times leave room.
    const times = new Set(entries.map(({ type }) => `${type as string}.time`));
    expect([...passed].sort()).toEqual([...TAKEN_ON_ITS_WORD, ...times].sort());
  });

  it('betrays a signature that is told as recovered, and not one that is told as a failure', async () => {
    const at = entries.findIndex(({ type }) => type === 'signature');
    const told = (as: { readonly [name: string]: JsonValue }): Promise<boolean> =>
      passes(entries.with(at, without({ ...entries[at], signature: undefined, ...as })));
    expect(await told({ type: 'recovered' })).toBe(false);
    expect(await told({ type: 'failure', code: 'HSM_UNAVAILABLE' })).toBe(true);
  });

  it('betrays an entry that was taken out, but for those on which nothing rests that stands behind', async () => {
    const passed = new Set<unknown>();
    for (const [at, { type }] of entries.entries()) {
      const fewer = entries.toSpliced(at, 1).map((entry) => renumbered(entry, at));
      if (await passes(fewer)) passed.add(type);
    }
    expect([...passed].sort()).toEqual(MISSED_BY_NOBODY);
  });
});

/** What an entry says of sequences, after that at `gone` was taken out. */
function renumbered(entry: Fields, gone: number): Fields {
  const moved = ['authorization', 'repeats', 'batch', 'size'].flatMap((name) => {
    const value = entry[name];
    return typeof value === 'string' && Number(value) > gone ? [[name, String(Number(value) - 1)]] : [];
  });
  return { ...entry, ...(Object.fromEntries(moved) as Fields) };
}
