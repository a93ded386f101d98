import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Damage } from '../../../src/audit/read/damage.js';
import type { VerifyReport } from '../../../src/audit/verify-report.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import { parseStrictJson } from '../../../src/core/strict-json.js';
import type { JsonValue } from '../../../src/core/canonical-json.js';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { LEDGER_KEY, policyText, sha256 } from '../../support/audit/history.js';
import { lineOf } from '../../support/audit/ledger-writer.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';

const { lines } = soundLedger(3);
let root: string;
let retained: string;
let attempts = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chancery-tamper-'));
  retained = join(root, 'retained');
  writeFileSync(retained, checkpointOf(lines));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

async function verify(
  bytes: string | Buffer,
  checkpoints: readonly string[] = [retained],
): Promise<VerifyReport> {
  attempts += 1;
  const directory = join(root, String(attempts));
  mkdirSync(join(directory, 'blobs'), { recursive: true });
  writeFileSync(join(directory, 'blobs', sha256(policyText())), policyText());
  writeFileSync(join(directory, '000000000000.ledger'), bytes);
  return await verifyLedger({ directory, publicKeys: [LEDGER_KEY.address], checkpoints });
}

type Fields = Record<string, JsonValue>;

/** Changes the entry at `index` and hashes and chains everything from there again, as its owner could. */
function rechain(index: number, change: (entry: Fields) => Fields): string {
  let previous = index === 0 ? '0'.repeat(64) : (lines[index - 1] ?? '').slice(0, 64);
  const rest = lines.slice(index).map((line, offset) => {
    const entry = parseStrictJson(Buffer.from(line.slice(65))) as Fields;
    const made = lineOf({ ...(offset === 0 ? change(entry) : entry), previous });
    previous = made.hash;
    return made.line;
  });
  return lines.slice(0, index).join('') + rest.join('');
}

const indices = lines.map((_, index) => index);

describe('tampering', () => {
  it('leaves the untouched ledger sound', async () => {
    const report = await verify(lines.join(''));
    expect(report.damages).toEqual([]);
    expect(report.checkpoints).toEqual({ given: 1, retained: 1, met: 1, voided: 0 });
  });

  it('finds an empty line between any two entries and behind the last, and ends there', async () => {
    for (const index of [0, 1, lines.length]) {
      const before = lines.slice(0, index).join('');
      const { damages } = await verify(`${before}\n${lines.slice(index).join('')}`, []);
      const offset = Buffer.byteLength(before);
      expect(damages[0]).toMatchObject({ kind: 'line', sequence: index, offset });
    }
  });

  it('finds a flipped bit in every entry, at its place', async () => {
    for (const index of indices) {
      const line = lines[index] ?? '';
      for (const place of [0, 64, Math.floor(line.length / 2)]) {
        const bytes = Buffer.from(lines.join(''));
        const offset = Buffer.byteLength(lines.slice(0, index).join(''));
        bytes[offset + place] = (bytes[offset + place] ?? 0) ^ 1;
        const { damages } = await verify(bytes, []);
        expect(damages[0]).toMatchObject({ sequence: index, offset, file: '000000000000.ledger' });
        expect(['hash', 'line']).toContain(damages[0]?.kind);
      }
    }
  });

  it('finds a dropped, a doubled and a swapped entry', async () => {
    for (const index of indices) {
      const dropped = await verify(lines.filter((_, at) => at !== index).join(''));
      expect(dropped.sound).toBe(false);
      if (index < lines.length - 1)
        expect(dropped.damages[0]).toMatchObject({ kind: 'sequence', sequence: index });
      const doubled = [...lines.slice(0, index + 1), ...lines.slice(index)];
      expect((await verify(doubled.join(''))).damages[0]).toMatchObject({
        kind: 'sequence',
        sequence: index + 1,
      });
      if (index === lines.length - 1) continue;
      const swapped = [...lines];
      swapped.splice(index, 2, lines[index + 1] ?? '', lines[index] ?? '');
      expect((await verify(swapped.join(''))).damages[0]).toMatchObject({
        kind: 'sequence',
        sequence: index,
      });
    }
  });

  it('finds a ledger cut at any entry, by the checkpoint kept elsewhere', async () => {
    for (const length of indices.slice(1)) {
      const { damages } = await verify(lines.slice(0, length).join(''));
      expect(damages.at(-1)).toMatchObject({ kind: 'checkpoint', sequence: length });
    }
    const alone = await verify(lines.slice(0, 8).join(''), []);
    expect(alone.sound, 'what no verifier can tell without a checkpoint').toBe(true);
  });

  it('finds a ledger cut within an entry', async () => {
    const whole = lines.join('');
    const { damages } = await verify(whole.slice(0, -5));
    const sequence = lines.length - 1;
    expect(damages).toMatchObject([
      { kind: 'checkpoint', sequence },
      { kind: 'torn-tail', sequence },
    ]);
    const alone = await verify(whole.slice(0, -5), []);
    expect(alone.damages).toMatchObject([{ kind: 'torn-tail', sequence }]);
  });

  it('finds every entry that was changed and chained again, by the checkpoint kept elsewhere', async () => {
    for (const index of indices) {
      const later = (entry: Fields): Fields => ({
        ...entry,
        time: (entry['time'] as string).replace(/.Z$/, '7Z'),
      });
      const { damages } = await verify(rechain(index, later));
      expect(damages.some(({ kind }) => kind === 'checkpoint')).toBe(true);
    }
  });
});

describe('what a re-chained ledger betrays even without a checkpoint', () => {
  /** Chaining again leaves the unfreeze naming a hash that is gone: only the place of a damage says what it is of. */
  const changed = async (index: number, change: (entry: Fields) => Fields): Promise<Damage | undefined> =>
    (await verify(rechain(index, change), [])).damages[0];
  const first = (type: string): number => lines.findIndex((line) => line.includes(`"type":"${type}"`));

  it.each([
    ['another message', 'authorization', (entry: Fields) => ({ ...entry, message: 'AAAA' }), 'authority'],
    [
      'another workload',
      'authorization',
      (entry: Fields) => ({ ...entry, workload: 'spiffe://dev/other' }),
      'authority',
    ],
    [
      'another attestation',
      'authorization',
      (entry: Fields) => ({ ...entry, attestation: 'ff' }),
      'authority',
    ],
    [
      'another policy',
      'authorization',
      (entry: Fields) => ({ ...entry, policy: '00'.repeat(32) }),
      'authority',
    ],
    ['less counted', 'authorization', (entry: Fields) => ({ ...entry, counted: [] }), 'counted'],
    ['another fee', 'authorization', (entry: Fields) => ({ ...entry, fee: '1' }), 'counted'],
    [
      'an amount with more digits than a ledger reads',
      'authorization',
      (entry: Fields) => ({ ...entry, fee: '1'.repeat(31) }),
      'schema',
    ],
    [
      'a debit that is none',
      'authorization',
      (entry: Fields) => ({ ...entry, effects: [{ debits: ['0.5 SOL'] }] }),
      'schema',
    ],
    ['an unknown field', 'authorization', (entry: Fields) => ({ ...entry, note: 'x' }), 'schema'],
    ['another outcome', 'signature', (entry: Fields) => ({ ...entry, authorization: '0' }), 'outcome'],
    ['another serial', 'policy', (entry: Fields) => ({ ...entry, serial: 9 }), 'statement'],
    ['another signer', 'statement', (entry: Fields) => ({ ...entry, authorities: ['bob'] }), 'statement'],
    [
      'a stranger’s genesis key',
      'genesis',
      (entry: Fields) => ({ ...entry, publicKey: '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin' }),
      'genesis',
    ],
    [
      'a time before the entry before',
      'stop',
      (entry: Fields) => ({ ...entry, time: '2026-01-01T00:00:00.000Z' }),
      'time',
    ],
  ])('%s', async (_name, type, change, kind) => {
    expect(await changed(first(type), change)).toMatchObject({ kind, sequence: first(type) });
  });

  it('a signature over something else', async () => {
    const [one, two] = lines.filter((line) => line.includes('"type":"signature"'));
    const signature = (JSON.parse((two ?? '').slice(65)) as { signature: string }).signature;
    const index = lines.indexOf(one ?? '');
    const { damages } = await verify(
      rechain(index, (entry) => ({ ...entry, signature })),
      [],
    );
    expect(damages[0]).toMatchObject({ kind: 'signature', sequence: index });
  });
});
