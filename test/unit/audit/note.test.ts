import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/audit/check/checkpoint.js';
import { openNote, parseNote, parseVerifierKey, type NoteKey } from '../../../src/audit/check/note.js';
import { CompactRange } from '../../../src/audit/read/compact-range.js';
import { checkpointOf, keyId, merkleRoot } from '../../support/audit/checkpoint.js';
import { LEDGER_KEY, ORIGIN, STRANGER } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import type { WalletAuthority } from '../../support/wallet-authority.js';
import { leafHash } from '../../support/leaf-hash.js';

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

describe('parseNote', () => {
  const line = (name: string, bytes = 68): string =>
    `\u2014 ${name} ${Buffer.alloc(bytes, 7).toString('base64')}\n`;

  it('takes the text before the last empty line, and every line after it with its place', () => {
    expect(parseNote(Buffer.from(`a\n\nb\n\n${line('x')}${line('y')}`))).toMatchObject({
      text: 'a\n\nb\n',
      lines: [
        { name: 'x', offset: 6 },
        { name: 'y', offset: 6 + Buffer.byteLength(line('x')) },
      ],
    });
  });

  it('reads every byte of the text: a byte order mark is part of it', () => {
    expect(parseNote(Buffer.from(`\ufeffa\n\n${line('x')}`))).toMatchObject({ text: '\ufeffa\n' });
  });

  it.each([
    ['larger than a megabyte', `${'a\n'.repeat(500_001)}\n${line('x')}`, 'it is larger than a megabyte'],
    ['with a control character', `a\tb\n\n${line('x')}`, 'it holds control characters'],
    ['without an end of line', `a\n\n${line('x').slice(0, -1)}`, 'it has no signature lines'],
    [
      'with more than a hundred signatures',
      `a\n\n${line('x').repeat(101)}`,
      'it has more than 100 signatures',
    ],
    ['with a signature of no bytes', `a\n\n${line('x', 4)}`, 'a signature line is malformed'],
    ['with text behind a signature', `a\n\n${line('x').trimEnd()} \n`, 'a signature line is malformed'],
    ['with a name that holds a plus', `a\n\n${line('x+y')}`, 'a signature line is malformed'],
  ])('refuses one %s', (_name, text, why) => {
    expect(parseNote(Buffer.from(text))).toBe(why);
  });

  it('refuses one that is not UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('a'),
      Buffer.from([0xc0, 0xaf]),
      Buffer.from(`\n\n${line('x')}`),
    ]);
    expect(parseNote(bytes)).toBe('it is not UTF-8');
  });
});

describe('the keys of a note', () => {
  const text = 'a\n';
  const ids = keyId(ORIGIN, LEDGER_KEY.publicKey);
  const sign = (by: WalletAuthority, name = ORIGIN, id: Buffer = ids, of = text): string =>
    `\u2014 ${name} ${Buffer.concat([id, by.raw(Buffer.from(of))]).toString('base64')}\n`;
  const open = (lines: string, keys: readonly NoteKey[]) => openNote(Buffer.from(`${text}\n${lines}`), keys);
  const key = verifierKey(LEDGER_KEY.publicKey);

  it('count by name and id: of another name or another id they are nobody’s', () => {
    expect(open(sign(LEDGER_KEY), [key])).toEqual({ text, signers: [ORIGIN] });
    expect(open(sign(LEDGER_KEY, 'other.test'), [key])).toBe('no known key signed it');
    expect(open(sign(LEDGER_KEY, ORIGIN, Buffer.alloc(4)), [key])).toBe('no known key signed it');
  });

  it('that fail spoil the note, the second line of one that held apart', () => {
    expect(open(sign(LEDGER_KEY, ORIGIN, ids, 'b\n'), [key])).toBe(
      `the signature of ${ORIGIN} does not hold`,
    );
    const twice = sign(LEDGER_KEY) + sign(LEDGER_KEY, ORIGIN, ids, 'b\n');
    expect(open(twice, [key])).toEqual({ text, signers: [ORIGIN] });
  });

  it('are not two under one name and id', () => {
    const twin = { ...verifierKey(STRANGER.publicKey), id: key.id };
    expect(open(sign(LEDGER_KEY), [key, twin])).toBe(`two keys are known as ${ORIGIN} with one id`);
  });
});

describe('parseVerifierKey', () => {
  const made = (blob: Buffer, id = keyId(ORIGIN, LEDGER_KEY.publicKey).toString('hex')): string =>
    `${ORIGIN}+${id}+${blob.toString('base64')}`;
  const publicKey = Buffer.from(LEDGER_KEY.publicKey);

  it('takes 33 bytes, the first of which is Ed25519, under the id that they give', () => {
    const good = Buffer.concat([Uint8Array.of(1), publicKey]);
    expect(parseVerifierKey(made(good))).toMatchObject({ name: ORIGIN });
    expect(parseVerifierKey(made(good, '00000000'))).toBeNull();
    expect(parseVerifierKey(made(Buffer.concat([Uint8Array.of(4), publicKey])))).toBeNull();
    expect(parseVerifierKey(made(Buffer.concat([good, Uint8Array.of(0)])))).toBeNull();
  });

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
    expect(open(checkpointOf(lines))).toEqual({ origin: ORIGIN, size: lines.length, root });
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

  const over = (text: string, name = ORIGIN): string => {
    const blob = Buffer.concat([keyId(name, LEDGER_KEY.publicKey), LEDGER_KEY.raw(Buffer.from(text))]);
    return `${text}\n\u2014 ${name} ${blob.toString('base64')}\n`;
  };
  const root = Buffer.alloc(32, 1).toString('base64');
  const form = 'its text is not `<origin>`, `<size>`, `<root>`';

  it.each([
    ['a line more', `${ORIGIN}\n5\n${root}\nmore\n`, form],
    ['a line less', `${ORIGIN}\n5\n`, form],
    ['a size in another spelling', `${ORIGIN}\n05\n${root}\n`, form],
    ['a size beyond what a number holds', `${ORIGIN}\n${'9'.repeat(16)}\n${root}\n`, form],
    [
      'a root of 31 bytes',
      `${ORIGIN}\n5\n${Buffer.alloc(31).toString('base64')}\n`,
      'its root is not the base64 of 32 bytes',
    ],
    ['a root that is no base64', `${ORIGIN}\n5\n?\n`, 'its root is not the base64 of 32 bytes'],
    [
      'the origin of another ledger',
      `chancery.local/other/0123456789abcdef\n5\n${root}\n`,
      'the key of its origin did not sign it',
    ],
  ])('refuses one that the key signed with %s', (_name, text, why) => {
    expect(open(over(text))).toBe(why);
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
