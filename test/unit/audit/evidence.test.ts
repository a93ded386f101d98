import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyExitCode, verifyText } from '../../../src/audit/report/verify-text.js';
import { verifyLedger, type VerifyOptions } from '../../../src/audit/verify.js';
import type { VerifyReport } from '../../../src/audit/verify-report.js';
import {
  cosigned,
  evidence,
  SECOND,
  TWO_OF_THREE,
  witnessedPolicy,
  WITNESSES,
  writeEvidence,
} from '../../support/audit/evidence.js';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { LEDGER_KEY, ORIGIN, policyText, sha256, STRANGER } from '../../support/audit/history.js';
import { lineOf } from '../../support/audit/ledger-writer.js';

const ledger = evidence();
const SECOND_NAME = `${String(SECOND).padStart(12, '0')}.ledger`;
let root: string;
let whole: string;
let directory: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chancery-evidence-'));
  whole = join(root, 'whole');
  writeEvidence(ledger, whole);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});
let copies = 0;
beforeEach(() => {
  copies += 1;
  directory = join(root, String(copies));
  cpSync(whole, directory, { recursive: true });
});

async function verify(over: Partial<VerifyOptions> = {}): Promise<VerifyReport> {
  return await verifyLedger({ directory, publicKeys: [LEDGER_KEY.address], ...over });
}

function flip(name: string, offset: number): void {
  const bytes = readFileSync(join(directory, name));
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(join(directory, name), bytes);
}

/** The one damage there is, and the exit code. */
async function onlyDamage(over: Partial<VerifyOptions> = {}): Promise<unknown> {
  const report = await verify(over);
  expect(report.damages).toHaveLength(1);
  const { kind, sequence, file, offset } = report.damages[0]!;
  return { kind, sequence, file, offset, exit: verifyExitCode(report) };
}

describe('what stands beside the segments', () => {
  it('is verified with them', async () => {
    const report = await verify();
    expect(report.damages).toEqual([]);
    expect(report).toMatchObject({
      sound: true,
      absent: null,
      tiles: 4,
      checkpoints: { given: 2, met: 2 },
      witnesses: {
        required: true,
        cosigned: [
          {
            source: 'cosigned',
            size: 520,
            witnesses: [
              { name: 'witness.test/w1', time: '2026-03-01T10:05:00.000Z' },
              { name: 'witness.test/w3', time: '2026-03-01T10:05:01.000Z' },
            ],
            unknown: 0,
            quorum: true,
            notBefore: '2026-03-01T10:05:00.000Z',
          },
        ],
      },
    });
    expect(verifyText(report)).toContain(
      'cosigned     cosigned: 520 entries by witness.test/w1, witness.test/w3 (a quorum, not before 2026-03-01T10:05:00.000Z)',
    );
  });

  it.each([
    ['tile/0/000', 8191, 255],
    ['tile/0/001', 0, 256],
    ['tile/0/002.p/18', 33, 513],
    ['tile/1/000.p/2', 40, 256],
  ])('a flipped bit in %s', async (file, offset, sequence) => {
    flip(file, offset);
    expect(await onlyDamage()).toEqual({ kind: 'tile', sequence, file, offset, exit: 27 });
  });

  it('a tile, which is derived, hides no damage behind it', async () => {
    flip('tile/0/000', 0);
    flip(SECOND_NAME, 2000);
    const report = await verify({ onlyHashes: true });
    expect(report.damages.map(({ kind }) => kind)).toEqual(['hash', 'tile']);
    expect(verifyExitCode(report)).toBe(12);
  });

  it('a tile that was cut, lengthened or swapped for another', async () => {
    const first = readFileSync(join(directory, 'tile/0/000'));
    const tampered = [first.subarray(0, 8160), Buffer.concat([first, first.subarray(0, 32)])];
    for (const bytes of [...tampered, readFileSync(join(directory, 'tile/0/001'))]) {
      writeFileSync(join(directory, 'tile/0/000'), bytes);
      expect(await onlyDamage()).toMatchObject({ kind: 'tile', file: 'tile/0/000', exit: 27 });
    }
  });

  it('tiles that were removed are no damage: they are derived', async () => {
    rmSync(join(directory, 'tile'), { recursive: true });
    expect(await verify()).toMatchObject({ sound: true, tiles: 0 });
  });

  it('a tile wider than the ledger is one that a running daemon has written since', async () => {
    writeFileSync(join(directory, 'tile/0/002.p/19'), Buffer.alloc(19 * 32, 7));
    expect(await verify()).toMatchObject({ sound: true, tiles: 4 });
  });

  it('an empty tile is one that was removed: power failed before it was on the disk', async () => {
    writeFileSync(join(directory, 'tile/0/002.p/18'), '');
    expect(await verify()).toMatchObject({ sound: true, tiles: 3 });
  });

  it.each([
    ['a policy', sha256(policyText()), 1],
    ['the policy in force', sha256(witnessedPolicy().text), 2],
    ['what a repair cut off', sha256('torn bytes'), 283],
  ])('a blob that differs or is gone: %s', async (_name, digest, sequence) => {
    const path = join(directory, 'blobs', digest);
    flip(join('blobs', digest), 3);
    expect((await verify()).damages[0]).toMatchObject({ kind: 'blob', sequence });
    rmSync(path);
    const report = await verify();
    expect(report.damages[0]).toMatchObject({ kind: 'blob', sequence });
    expect(verifyExitCode(report)).toBe(24);
  });

  it('a blob that has another length than the repair says it cut', async () => {
    const lines = ledger.lines.slice(0, 283);
    const { line } = lineOf({ ...(JSON.parse(ledger.lines[283]!.slice(65)) as object), bytes: 11 });
    rmSync(join(directory, SECOND_NAME));
    for (const beside of ['tile', 'checkpoint', 'cosigned'])
      rmSync(join(directory, beside), { recursive: true });
    writeFileSync(join(directory, '000000000000.ledger'), [...lines, line].join(''));
    expect(await onlyDamage()).toMatchObject({ kind: 'blob', sequence: 283, exit: 24 });
  });

  it('every kind of tampering with the own checkpoint', async () => {
    const path = join(directory, 'checkpoint');
    const text = readFileSync(path, 'utf8');
    const byStranger = checkpointOf(ledger.lines, ORIGIN, STRANGER);
    const otherHistory = checkpointOf([...ledger.lines.slice(1, 2), ...ledger.lines.slice(1)]);
    const longer = checkpointOf([...ledger.lines, ledger.lines[0]!]);
    const tampered = [
      text.replace('\n530\n', '\n529\n'),
      text.slice(0, -9),
      '',
      byStranger,
      otherHistory,
      longer,
    ];
    for (const note of tampered) {
      writeFileSync(path, note);
      const { damages } = await verify({ onlyHashes: true });
      expect(
        damages.map(({ kind }) => kind),
        note,
      ).toEqual(['checkpoint']);
    }
  });
});

describe('a ledger that was cut inside a line', () => {
  it('is one that a crash tore only where no checkpoint covers what is gone', async () => {
    const path = join(directory, SECOND_NAME);
    const bytes = readFileSync(path);
    rmSync(join(directory, 'tile'), { recursive: true });
    writeFileSync(path, bytes.subarray(0, -9));
    const report = await verify({ onlyHashes: true });
    // Entry 529 is under the own checkpoint: no crash takes what was durable before it was signed.
    expect(report.damages.map(({ kind }) => kind)).toEqual(['checkpoint', 'torn-tail']);
    expect(verifyExitCode(report)).toBe(25);
    writeFileSync(join(directory, 'checkpoint'), checkpointOf(ledger.lines.slice(0, 529)));
    expect(verifyExitCode(await verify({ onlyHashes: true }))).toBe(10);
  });
});

describe('cosignatures', () => {
  it('a flipped bit in any of them, at its place', async () => {
    const note = readFileSync(join(directory, 'cosigned'), 'utf8');
    const lines = [...note.matchAll(/^\u2014 witness\S+ (\S+)$/gm)].map(({ index, 1: blob = '' }) => ({
      offset: Buffer.byteLength(note.slice(0, index)),
      blob,
    }));
    expect(lines).toHaveLength(2);
    for (const { offset, blob } of lines) {
      // In the time, and in the signature: the four bytes before them say whose it is.
      for (const place of [11, 20]) {
        const bytes = Buffer.from(blob, 'base64');
        bytes[place]! ^= 1;
        writeFileSync(join(directory, 'cosigned'), note.replace(blob, bytes.toString('base64')));
        const { damages } = await verify({ onlyHashes: true });
        const cosignature = damages.find((damage) => damage.offset === offset);
        expect(cosignature).toMatchObject({ kind: 'cosignature', sequence: 519, file: 'cosigned' });
      }
    }
  });

  it('one that is moved to another checkpoint, or is of another log, does not hold', async () => {
    const [, line = ''] = cosigned(ledger, ['w2'], 519).split(/(?=\u2014 witness)/);
    writeFileSync(join(directory, 'cosigned'), cosigned(ledger, ['w1', 'w3']) + line);
    const report = await verify({ onlyHashes: true });
    expect(report.damages).toMatchObject([{ kind: 'cosignature' }]);
    expect(report.damages[0]?.message).toContain('w2');
    expect(verifyExitCode(report)).toBe(26);
  });

  it('cosigned without its quorum is damage; missing, it is said', async () => {
    writeFileSync(join(directory, 'cosigned'), cosigned(ledger, ['w2']));
    expect(await onlyDamage({ onlyHashes: true })).toMatchObject({ kind: 'cosignature', exit: 26 });
    rmSync(join(directory, 'cosigned'));
    const report = await verify({ onlyHashes: true });
    expect(report).toMatchObject({ sound: true, witnesses: { required: true, cosigned: [] } });
    expect(verifyText(report)).toContain(
      'note: witnesses are asked for, and no checkpoint here has their quorum',
    );
  });

  it('those of a retained checkpoint are verified too, and give the quorum', async () => {
    rmSync(join(directory, 'cosigned'));
    const kept = join(directory, 'kept');
    writeFileSync(kept, cosigned(ledger, ['w1', 'w2'], 400));
    const report = await verify({ onlyHashes: true, checkpoints: [kept] });
    expect(report.witnesses.cosigned).toMatchObject([{ source: kept, size: 400, quorum: true }]);
    expect(verifyText(report)).not.toContain('no checkpoint here has their quorum');
  });

  it('a policy that counted before the witnesses were asked for cannot be met by them afterwards', async () => {
    // Under entry 2, the policy in force asks for nobody; at the end it asks for two of three.
    writeFileSync(join(directory, 'cosigned'), cosigned(ledger, ['w1'], 2));
    expect(await onlyDamage({ onlyHashes: true })).toMatchObject({ kind: 'cosignature', sequence: 1 });
  });

  it('witnesses known from elsewhere count instead of those of the policy', async () => {
    const one = `${WITNESSES[0].policyLine}\nquorum w1\n`;
    const other = `${WITNESSES[1].policyLine}\nquorum w2\n`;
    expect(await verify({ onlyHashes: true, witnesses: one })).toMatchObject({ sound: true });
    expect(await onlyDamage({ onlyHashes: true, witnesses: other })).toMatchObject({ kind: 'cosignature' });
    await expect(verify({ witnesses: 'quorum none\n' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(verify({ witnesses: TWO_OF_THREE.replace('quorum', 'forum') })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('archived segments', () => {
  let archive: string;
  beforeEach(() => {
    archive = `${directory}-archive`;
    mkdirSync(archive);
    renameSync(join(directory, '000000000000.ledger'), join(archive, '000000000000.ledger'));
  });

  it('are verified where they are', async () => {
    expect(await verify({ archives: [archive] })).toMatchObject({ sound: true, entries: 530, absent: null });
  });

  it('are found damaged where they are', async () => {
    const bytes = readFileSync(join(archive, '000000000000.ledger'));
    bytes[2000] = (bytes[2000] ?? 0) ^ 1;
    writeFileSync(join(archive, '000000000000.ledger'), bytes);
    const { damages } = await verify({ archives: [archive] });
    expect(damages).toMatchObject([{ kind: 'hash', file: '000000000000.ledger' }]);
  });

  it('may be absent, which never reads as sound', async () => {
    const report = await verify();
    expect(report.damages).toEqual([]);
    expect(report).toMatchObject({
      sound: false,
      absent: { entries: SECOND, until: SECOND_NAME },
      entries: 530 - SECOND,
      origin: ORIGIN,
      signatures: 1,
      checkpoints: { given: 2, met: 2 },
    });
    expect(verifyExitCode(report)).toBe(4);
    const text = verifyText(report);
    expect(text).toContain(`NOT VERIFIED: entries 0 to ${String(SECOND - 1)} are absent`);
    expect(text.split('\n')).not.toContain('sound');
  });

  it('are damage when nothing that was signed ties the rest to them', async () => {
    const untied = { kind: 'segment', sequence: 0, file: SECOND_NAME, offset: 0, exit: 17 };
    expect(await onlyDamage({ publicKeys: [] })).toEqual(untied);
    expect(await verify({ publicKeys: [] })).toMatchObject({ entries: 0, bytes: 0 });
    expect(await onlyDamage({ publicKeys: [STRANGER.address] })).toEqual(untied);
    const old = checkpointOf(ledger.lines.slice(0, SECOND));
    writeFileSync(join(directory, 'checkpoint'), old);
    writeFileSync(join(directory, 'cosigned'), old);
    expect(await onlyDamage()).toMatchObject({ kind: 'segment' });
    rmSync(join(directory, 'checkpoint'));
    rmSync(join(directory, 'cosigned'));
    expect(await onlyDamage()).toEqual(untied);
    writeFileSync(join(directory, 'kept'), checkpointOf(ledger.lines.slice(0, 300)));
    expect((await verify({ checkpoints: [join(directory, 'kept')] })).damages).toEqual([]);
    rmSync(join(directory, 'tile'), { recursive: true });
    expect(await onlyDamage({ checkpoints: [join(directory, 'kept')] })).toEqual(untied);
  });

  it('cannot be replaced by tiles that somebody made up', async () => {
    for (const tile of ['tile/0/000', 'tile/0/001']) {
      flip(tile, 40);
      const { damages } = await verify();
      expect(damages.map(({ kind }) => kind)).toContain('checkpoint');
      expect(damages[0]).toMatchObject({ kind: 'segment' });
      flip(tile, 40);
    }
  });

  it('leave a tail in which tampering is found', async () => {
    const path = join(directory, SECOND_NAME);
    const sound = readFileSync(path, 'utf8');
    const lines = sound.split(/(?<=\n)/);
    const rechained = (from: number): string => {
      let previous = lines[from - 1]?.slice(0, 64) ?? ledger.lines[SECOND - 1]!.slice(0, 64);
      return lines
        .map((line, index) => {
          if (index < from) return line;
          const entry = JSON.parse(line.slice(65)) as Record<string, string>;
          const made = lineOf({ ...entry, previous, time: entry['time']!.replace(/.Z$/, '9Z') });
          previous = made.hash;
          return made.line;
        })
        .join('');
    };
    const cases: readonly (readonly [string, string])[] = [
      [lines.filter((_, index) => index !== 40).join(''), 'sequence'],
      [lines.slice(1).join(''), 'sequence'],
      [sound.replace('request-1', 'request-2'), 'hash'],
      [lines.slice(0, 100).join(''), 'checkpoint'],
      [rechained(0), 'checkpoint'],
      [rechained(200), 'checkpoint'],
    ];
    for (const [bytes, kind] of cases) {
      writeFileSync(path, bytes);
      const report = await verify();
      expect(
        report.damages.map((damage) => damage.kind),
        kind,
      ).toContain(kind);
      expect(verifyExitCode(report)).toBeGreaterThan(9);
    }
  });
});

it('a segment that is missing in the middle or before the end is damage', async () => {
  const lines = [ledger.lines.slice(0, 100), ledger.lines.slice(100, 200), ledger.lines.slice(200)];
  rmSync(join(directory, '000000000000.ledger'));
  rmSync(join(directory, SECOND_NAME));
  writeFileSync(join(directory, '000000000000.ledger'), lines[0]!.join(''));
  writeFileSync(join(directory, '000000000200.ledger'), lines[2]!.join(''));
  const report = await verify();
  expect(report.damages[0]).toMatchObject({ kind: 'segment', sequence: 100, file: '000000000200.ledger' });
  expect(verifyExitCode(report)).toBe(17);
  writeFileSync(join(directory, '000000000100.ledger'), lines[1]!.join(''));
  rmSync(join(directory, '000000000200.ledger'));
  expect((await verify()).damages.map(({ kind }) => kind)).toEqual(['checkpoint', 'checkpoint']);
});
