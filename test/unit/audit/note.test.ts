import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/audit/check/checkpoint.js';
import { openNote, parseVerifierKey, type NoteKey } from '../../../src/audit/check/note.js';
import { CompactRange } from '../../../src/audit/read/compact-range.js';
import { checkpointOf, keyId, merkleRoot } from '../../support/audit/checkpoint.js';
import { LEDGER_KEY, ORIGIN, STRANGER } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { leafHash } from '../../../src/ledger/tree/hash.js';

interface Vectors {
  readonly cases: readonly {
    readonly name: string;
    readonly note: string;
    readonly trusted: readonly string[];
    readonly expect: string;
    readonly verified?: number;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/note/signed-note.json', import.meta.url), 'utf8'),
) as Vectors;

function verifierKey(publicKey: Uint8Array, name = ORIGIN): NoteKey {
  const blob = Buffer.concat([Uint8Array.of(1), publicKey]).toString('base64');
  const key = parseVerifierKey(`${name}+${keyId(name, publicKey).toString('hex')}+${blob}`);
  if (key === null) throw new Error('the test made no verifier key');
  return key;
}

describe('openNote', () => {
  it.each(vectors.cases.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const keys = vector.trusted.map(parseVerifierKey).filter((key) => key !== null);
    const opened = openNote(Buffer.from(vector.note), keys);
    if (vector.expect === 'ok') expect(opened).toMatchObject({ signers: { length: vector.verified } });
    else expect(opened).toBeTypeOf('string');
  });
});

describe('parseVerifierKey', () => {
  it.each(['', 'a+b', 'name+00000000+AAAA', `${ORIGIN}+00000000+${Buffer.alloc(33, 1).toString('base64')}`])(
    'refuses %j',
    (text) => {
      expect(parseVerifierKey(text)).toBeNull();
    },
  );
});

describe('openCheckpoint', () => {
  const { lines } = soundLedger(1);
  const key = verifierKey(LEDGER_KEY.publicKey);
  const open = (note: string, keys = [key]) => openCheckpoint(Buffer.from(note), keys);

  it('reads origin, size and root of a signed one', () => {
    const root = merkleRoot(lines.map((line) => Buffer.from(line.slice(0, 64), 'hex'))).toString('base64');
    expect(open(checkpointOf(lines))).toEqual({
      origin: ORIGIN,
      size: lines.length,
      root,
      signers: [ORIGIN],
    });
  });

  it('refuses one that is changed, signed by another, or signed under another name', () => {
    const note = checkpointOf(lines);
    expect(open(note.replace(`\n${String(lines.length)}\n`, '\n1\n'))).toBe(
      `the signature of ${ORIGIN} does not hold`,
    );
    expect(open(checkpointOf(lines, ORIGIN, STRANGER))).toBe('no known key signed it');
    const other = 'chancery.local/other/0123456789abcdef';
    const named = checkpointOf(lines, other);
    expect(open(named)).toBe('no known key signed it');
    expect(open(named, [verifierKey(LEDGER_KEY.publicKey, other)])).toMatchObject({ origin: other });
  });

  it.each([
    ['a byte that is not UTF-8', Buffer.from([0xff, 0x0a, 0x0a])],
    ['a carriage return', Buffer.from('a\r\n\n\u2014 a AAAAAAAA\n')],
    ['no signature', Buffer.from(`${ORIGIN}\n1\nAAAA\n`)],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_name, bytes) => {
    expect(openCheckpoint(bytes, [key])).toBeTypeOf('string');
  });
});

describe('CompactRange', () => {
  it('has the root of RFC 6962 at every size', () => {
    const range = new CompactRange();
    const leaves: Buffer[] = [];
    expect(range.root().toString('hex')).toBe(merkleRoot([]).toString('hex'));
    for (let size = 1; size <= 130; size++) {
      const leaf = Buffer.from(leafHash(Buffer.from(String(size))));
      leaves.push(leaf);
      range.append(leaf);
      expect(range.size).toBe(size);
      expect(range.root().equals(merkleRoot(leaves))).toBe(true);
    }
  });
});
