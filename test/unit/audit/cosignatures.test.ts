import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readCosignatures } from '../../../src/audit/check/cosignatures.js';
import { noteKey, parseNote, type NoteKey } from '../../../src/audit/check/note.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const TEXT = 'log.test/ledger\n5\nroot\n';
const TIME = 1_770_000_000;
const by = (name: string): WalletAuthority =>
  WalletAuthority.fromSeed(name, createHash('sha256').update(name).digest());
const witness = (name: string, of = by(name)): NoteKey => noteKey(name, of.publicKey, 'cosignature/v1')!;
const [one, two] = [witness('one'), witness('two')];

interface Line {
  readonly name?: string;
  readonly id?: Buffer;
  readonly time?: bigint;
  readonly text?: string;
  readonly signer?: WalletAuthority;
  readonly cut?: number;
}

function line({
  name = 'one',
  id = one.id,
  time = BigInt(TIME),
  text = TEXT,
  signer = by('one'),
  cut,
}: Line): string {
  const seconds = Buffer.alloc(8);
  seconds.writeBigUInt64BE(time);
  const signature = signer.raw(Buffer.from(`cosignature/v1\ntime ${String(time)}\n${text}`));
  const blob = Buffer.concat([id, seconds, signature]).subarray(0, cut);
  return `\u2014 ${name} ${blob.toString('base64')}\n`;
}

/** Times by name, names of bad lines, how many are unknown. */
function read(lines: readonly Line[], witnesses: readonly NoteKey[] = [one, two]) {
  const note = parseNote(Buffer.from(`${TEXT}\n${lines.map(line).join('')}`));
  if (typeof note === 'string') throw new Error(note);
  const { held, bad, unknown } = readCosignatures(note, 'log.test/ledger', witnesses);
  return {
    held: [...held].map(([{ name }, time]) => [name, time]),
    bad: bad.map(({ name }) => name),
    unknown,
  };
}

describe('readCosignatures', () => {
  it('holds each witness to the text and its own time', () => {
    const other = { name: 'two', id: two.id, signer: by('two'), time: BigInt(TIME + 9) };
    expect(read([{}, other])).toEqual({
      held: [
        ['one', TIME],
        ['two', TIME + 9],
      ],
      bad: [],
      unknown: 0,
    });
  });

  it.each<[string, Line]>([
    ['over another text', { text: 'log.test/ledger\n6\nroot\n' }],
    ['by another key', { signer: by('two') }],
    ['without a signature', { cut: 12 }],
    ['without a whole time', { cut: 9 }],
    // A date that no clock shows would stand before every other.
    ['of a time beyond every date', { time: 8_640_000_000_001n }],
  ])('finds a line of a known witness that is %s', (_, wrong) => {
    expect(read([wrong])).toEqual({ held: [], bad: ['one'], unknown: 0 });
  });

  it('takes the last date there is', () => {
    expect(read([{ time: 8_640_000_000_000n }]).held).toEqual([['one', 8_640_000_000_000]]);
  });

  it('knows a witness by name and id together', () => {
    expect(read([{ name: 'two' }])).toEqual({ held: [], bad: [], unknown: 1 });
    expect(read([{ id: two.id }])).toEqual({ held: [], bad: [], unknown: 1 });
  });

  it('counts lines of nobody known, the log’s own apart', () => {
    expect(read([{ name: 'log.test/ledger' }, { name: 'stranger' }])).toEqual({
      held: [],
      bad: [],
      unknown: 1,
    });
  });

  it('tries both of two keys that have one name and id', () => {
    const twin = { ...two, name: 'one', id: one.id };
    expect(read([{ signer: by('two') }], [one, twin]).held).toEqual([['one', TIME]]);
    expect(read([{}], [twin, one]).held).toEqual([['one', TIME]]);
  });

  it('keeps the latest time of a witness that cosigned more than once', () => {
    const [early, late] = [{ time: BigInt(TIME - 60) }, {}];
    expect(read([early, late]).held).toEqual([['one', TIME]]);
    expect(read([late, early]).held).toEqual([['one', TIME]]);
  });
});
