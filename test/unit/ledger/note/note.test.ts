import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  formatCheckpoint,
  ledgerNoteKey,
  parseCheckpoint,
  signCheckpoint,
} from '../../../../src/ledger/note/checkpoint.js';
import { cosignedMessage } from '../../../../src/ledger/note/cosignature.js';
import { noteKey, parseVkey, type NoteKey } from '../../../../src/ledger/note/key.js';
import { formatVkey } from '../../../support/format-vkey.js';
import { formatNote, formatSignatureLine, parseNote } from '../../../../src/ledger/note/note.js';
import { formatTlogProof } from '../../../../src/ledger/note/tlog-proof.js';
import { parseTlogProof, verifyTlogProof } from '../../../support/tlog-proof.js';
import { verifyNote } from '../../../../src/ledger/note/verify-note.js';
import { CompactRange } from '../../../../src/ledger/tree/compact-range.js';
import { leafHash } from '../../../support/leaf-hash.js';
import { ORIGIN } from '../../../support/ledger-bodies.js';

const known = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../vectors/note/signed-note.json'), 'utf8'),
) as {
  cases: {
    name: string;
    note: string;
    trusted: string[];
    expect: string;
    verified?: number;
    unverified?: number;
  }[];
  bad_vkeys: string[];
  vkeys_04: string[];
};

describe('public vectors (signed-note)', () => {
  it.each(known.cases.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const keys = vector.trusted.map((text) => parseVkey(text)!);
    expect(keys.map(formatVkey)).toEqual(vector.trusted);
    const verdict = verifyNote(Buffer.from(vector.note), keys);
    if (vector.expect === 'ok') {
      expect(verdict.ok && [verdict.verified.length, verdict.unverified.length]).toEqual([
        vector.verified,
        vector.unverified,
      ]);
    } else {
      expect(verdict.ok ? 'ok' : `reject-${verdict.why}`).toBe(vector.expect);
    }
  });

  it.each(known.bad_vkeys)('refuses the vkey %s', (text) => {
    expect(parseVkey(text)).toBeNull();
  });

  it.each(known.vkeys_04)('reads the cosigner key %s', (text) => {
    expect(parseVkey(text)?.algorithm).toBe('cosignature/v1');
  });

  it('has a checkpoint of the Go checksum database that reads as one', () => {
    const note = parseNote(
      Buffer.from(known.cases.find(({ name }) => name.includes('sum.golang.org'))!.note),
    )!;
    expect(parseCheckpoint(note.text)).toMatchObject({ origin: 'go.sum database tree', size: 31_700_353 });
    expect(formatCheckpoint(parseCheckpoint(note.text)!)).toBe(note.text);
  });
});

function keyPair(name: string, algorithm: NoteKey['algorithm']): { key: NoteKey; secret: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { key: noteKey(name, algorithm, bytes)!, secret: privateKey };
}

const log = keyPair(ORIGIN, 'ed25519');
const witness = keyPair('witness.example/w1', 'cosignature/v1');
const signWith = (secret: KeyObject) => (message: Uint8Array) => Promise.resolve(sign(null, message, secret));

function cosign(signed: string, time: number, over = time): string {
  const { text, signatures } = parseNote(Buffer.from(signed))!;
  const blob = Buffer.alloc(72);
  blob.writeBigUInt64BE(BigInt(time));
  sign(null, cosignedMessage(over, text), witness.secret).copy(blob, 8);
  const { name, id } = witness.key;
  return formatNote({ text, signatures: [...signatures, { name, id, signature: blob }] });
}

describe('a checkpoint', () => {
  const body = { origin: ORIGIN, size: 7, root: leafHash(Buffer.of(7)) };

  it('is signed by the ledger key under the name of the origin', async () => {
    const signed = await signCheckpoint(body, log.key, signWith(log.secret));
    const verdict = verifyNote(Buffer.from(signed), [ledgerNoteKey(ORIGIN, log.key.key.bytes)!]);
    expect(verdict.ok && parseCheckpoint(verdict.text)).toEqual(body);
    expect(signed.split('\n').slice(0, 2)).toEqual([ORIGIN, '7']);
    expect(signed.split('\n')[4]).toMatch(new RegExp(`^\u2014 ${ORIGIN} [A-Za-z0-9+/]+=*$`));
  });

  it('is never given out with a wrong signature', async () => {
    await expect(signCheckpoint(body, log.key, signWith(witness.secret))).rejects.toMatchObject({
      code: 'SIGNATURE_WRONG',
    });
  });

  it.each([
    ['no size', `${ORIGIN}\n\nAAAA\n`],
    ['a leading zero', `${ORIGIN}\n07\n${body.root.toString('base64')}\n`],
    ['a short root', `${ORIGIN}\n7\nAAAA\n`],
    ['an extension line', `${formatCheckpoint(body)}more\n`],
    ['no last newline', formatCheckpoint(body).slice(0, -1)],
    ['no origin', `\n7\n${body.root.toString('base64')}\n`],
    ['a size beyond what is exact', `${ORIGIN}\n9007199254740993\n${body.root.toString('base64')}\n`],
  ])('with %s is none', (_, text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });

  it('carries cosignatures of witnesses with their time', async () => {
    const signed = cosign(await signCheckpoint(body, log.key, signWith(log.secret)), 1_700_000_000);
    const verdict = verifyNote(Buffer.from(signed), [log.key, witness.key]);
    expect(verdict.ok && verdict.verified.map(({ time }) => time)).toEqual([null, 1_700_000_000]);
  });

  it('rejects a cosignature whose time was changed', async () => {
    const signed = cosign(
      await signCheckpoint(body, log.key, signWith(log.secret)),
      1_700_000_001,
      1_700_000_000,
    );
    expect(verifyNote(Buffer.from(signed), [log.key, witness.key])).toEqual({
      ok: false,
      why: 'invalid-signature',
    });
  });

  it('does not take a cosignature key for a log key', async () => {
    const signed = await signCheckpoint(body, log.key, signWith(log.secret));
    const posing = noteKey(ORIGIN, 'cosignature/v1', log.key.key.bytes)!;
    expect(verifyNote(Buffer.from(signed), [posing])).toEqual({ ok: false, why: 'unverified' });
  });
});

describe('a proof (tlog-proof)', () => {
  const leaves = [leafHash(Buffer.of(0)), leafHash(Buffer.of(1))];
  const make = async (parts: { index?: number; hashes?: Uint8Array[]; extra?: Uint8Array } = {}) => {
    const range = new CompactRange();
    for (const leaf of leaves) range.append(leaf);
    const checkpoint = await signCheckpoint(
      { origin: ORIGIN, size: 2, root: range.root() },
      log.key,
      signWith(log.secret),
    );
    return formatTlogProof({ index: 1, hashes: [leaves[0]!], checkpoint, ...parts });
  };

  it('shows that an entry is in the log', async () => {
    const text = await make();
    expect(text.startsWith('c2sp.org/tlog-proof@v1\nindex 1\n')).toBe(true);
    expect(verifyTlogProof(text, leaves[1]!, ORIGIN, [log.key])).toMatchObject({ ok: true, index: 1 });
    expect(parseTlogProof(await make({ extra: Buffer.from('x') }))?.extra).toEqual(Buffer.from('x'));
  });

  it('is refused for another entry, index, log or key', async () => {
    const text = await make();
    const why = (verdict: ReturnType<typeof verifyTlogProof>) => (verdict.ok ? 'ok' : verdict.why);
    expect(why(verifyTlogProof(text, leaves[0]!, ORIGIN, [log.key]))).toBe('inclusion');
    expect(why(verifyTlogProof(await make({ index: 0 }), leaves[1]!, ORIGIN, [log.key]))).toBe('inclusion');
    expect(why(verifyTlogProof(text, leaves[1]!, 'chancery.local/other/00', [log.key]))).toBe('origin');
    expect(why(verifyTlogProof(text, leaves[1]!, ORIGIN, [witness.key]))).toBe('checkpoint');
  });

  it.each([
    ['another version', (text: string) => text.replace('@v1', '@v2')],
    ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a leading zero', (text: string) => text.replace('index 1', 'index 01')],
    ['no index', (text: string) => text.replace('index 1\n', '')],
    ['a hash that is not canonical', (text: string) => text.replace('=\n', '\n')],
    ['no checkpoint', (text: string) => text.slice(0, text.indexOf('\n\n'))],
  ])('with %s is malformed', async (_, change) => {
    expect(parseTlogProof(change(await make()))).toBeNull();
  });
});

it('signature lines read back', () => {
  const { name, id } = log.key;
  const line = formatSignatureLine({ name, id, signature: Buffer.alloc(64, 7) });
  expect(parseNote(Buffer.from(`text\n\n${line}`))?.signatures).toEqual([
    { name, id, signature: Buffer.alloc(64, 7) },
  ]);
});
