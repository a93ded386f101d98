import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ChainCheck } from '../../../src/audit/read/chain-check.js';
import { canonicalJson, type JsonValue } from '../../../src/core/canonical-json.js';

const HEAD = `"previous":"${'0'.repeat(64)}","sequence":"0"`;
const TAIL = '"time":"2026-03-01T10:00:00.000Z","type":"alert"';

/** An alert of these bytes where its detail is: sound but for them, with the hash that belongs to it. */
function alert(detail: string | Buffer, subject = '"s"', first = ''): Buffer {
  return hashed(
    Buffer.concat([
      Buffer.from(`{${first}"detail":`),
      Buffer.from(detail),
      Buffer.from(`,${HEAD},"subject":${subject},${TAIL}}`),
    ]),
  );
}

function hashed(json: Buffer): Buffer {
  const digest = createHash('sha256').update('\0').update(json).digest('hex');
  return Buffer.concat([Buffer.from(`${digest} `), json]);
}

type Fields = { readonly [name: string]: JsonValue | undefined };

/** The first of a ledger, with the hash that belongs to it. */
function entry(fields: Fields): Buffer {
  const head = { previous: '0'.repeat(64), sequence: '0', time: '2026-03-01T10:00:00.000Z' };
  const whole = JSON.parse(JSON.stringify({ ...head, ...fields })) as JsonValue;
  return hashed(Buffer.from(canonicalJson(whole)));
}

const DENIAL = {
  type: 'denial',
  workload: 'w',
  codes: ['KEY_FROZEN', 'RATE_LIMITED'],
  message: 'AA==',
  count: 1,
};
const ROLLBACK = {
  type: 'statement',
  kind: 'accept-rollback',
  id: 'i',
  authorities: [],
  statement: { payload: 'AA==', signatures: [] },
  voided: [{ size: '1', root: `${'A'.repeat(43)}=` }],
};

const accept = (line: Buffer) => new ChainCheck().accept(line);

describe('an entry with its true hash', () => {
  it('is taken in the one form it can have', () => {
    expect(accept(alert('"ä \\" \\u0001 \\ud800"'))).toMatchObject({ sequence: 0 });
  });

  it.each([
    ['a doubled key', alert('"a","detail":"a"')],
    ['a key that is doubled by an escape', alert('"a","d\\u0065tail":"a"')],
    ['white space', alert(' "a"')],
    ['an escape that is not needed', alert('"\\u0061"')],
    ['a slash with an escape', alert('"\\/"')],
    ['a number in another form', alert('1e2')],
    ['a fraction in another form', alert('1.50')],
    ['a fraction', alert('1.5')],
    ['a number that no double holds', alert('9007199254740993')],
    ['a number that stands for its neighbours too', alert('9007199254740992')],
    ['keys in another order', alert('"a"', '"s","origin":"o"')],
    ['keys in another order within', alert('[{"b":1,"a":1}]')],
    ['a byte that is no UTF-8', alert(Buffer.from([0x22, 0xff, 0x22]))],
    [
      'UTF-8 cut short, as long as what is read in its place',
      alert(Buffer.from([0x22, 0xf0, 0x9f, 0x98, 0x22])),
    ],
    ['more nesting than can be written again', alert('['.repeat(32_000) + ']'.repeat(32_000))],
    ['bytes behind it', alert('"a"', '"s"}{"a":"b"')],
  ])('is damage with %s', (_, line) => {
    expect(accept(line)).toMatchObject({ kind: 'line' });
  });

  it.each([
    ['a field too many', alert('"a"', '"s"', '"__proto__":{},')],
    ['a field of another kind', alert('["a"]')],
  ])('is not of its form with %s', (_, line) => {
    expect(accept(line)).toMatchObject({ kind: 'schema' });
  });

  it('is not of its form when it revokes nothing, or two things', () => {
    const revocation = (what: { attestation?: string; workload?: string }): Buffer =>
      entry({ type: 'revocation', reason: 'r', by: { uid: 0, pid: 1 }, ...what });
    const [attestation, workload] = ['a', 'w'];
    for (const one of [{ attestation }, { workload }])
      expect(accept(revocation(one))).toMatchObject({ sequence: 0 });
    for (const wrong of [{}, { attestation, workload }])
      expect(accept(revocation(wrong))).toMatchObject({ kind: 'schema' });
  });

  it('is not of its form when its write began with itself, or later', () => {
    for (const batch of ['0', '7']) {
      expect(accept(alert('"a"', '"s"', `"batch":"${batch}",`))).toMatchObject({ kind: 'schema' });
    }
  });

  it.each<[string, Fields, Fields]>([
    [
      'a code that is none',
      { type: 'failure', authorization: '1', code: 'KEY_NOT_FOUND' },
      { code: 'KEY_NOT_LOST' },
    ],
    ['a refusal with a code that no socket carries', DENIAL, { codes: ['KEY_NOT_FOUND'] }],
    ['a code twice', DENIAL, { codes: ['KEY_FROZEN', 'KEY_FROZEN'] }],
    ['codes out of order', DENIAL, { codes: ['RATE_LIMITED', 'KEY_FROZEN'] }],
    ['a message that stands for several refusals', DENIAL, { count: 2 }],
    ['base64 that is not that of its bytes', DENIAL, { message: 'AB==' }],
    ['base64 without its end', DENIAL, { message: 'AA' }],
    [
      'a frozen key and not which',
      { type: 'freeze', key: 'a', publicKey: '1'.repeat(32), reason: 'r', by: null },
      { publicKey: undefined },
    ],
    ['checkpoints that another statement than a rollback gives up', ROLLBACK, { kind: 'attestation' }],
    ['a root of other than 32 bytes', ROLLBACK, { voided: [{ size: '1', root: 'AAAA' }] }],
    [
      'a root that is not the base64 of its bytes',
      ROLLBACK,
      { voided: [{ size: '1', root: `${'A'.repeat(42)}B=` }] },
    ],
  ])('is not of its form with %s', (_, sound, change) => {
    expect(accept(entry(sound))).toMatchObject({ sequence: 0 });
    expect(accept(entry({ ...sound, ...change }))).toMatchObject({ kind: 'schema' });
  });
});

describe('the write that an entry names', () => {
  /** What becomes of entries of which each names such a first entry of its write, or none. */
  const accepted = (batches: readonly (number | null)[], from = 0): readonly boolean[] => {
    const chain = new ChainCheck({ sequence: from, previous: null });
    return batches.map((batch, at) => {
      const fields = { type: 'tick', sequence: String(from + at), previous: chain.head ?? '0'.repeat(64) };
      const line = entry(batch === null ? fields : { ...fields, batch: String(batch) });
      return !('message' in chain.accept(line));
    });
  };

  it('is the one that the entry before is of', () => {
    expect(accepted([null, 0, 0, null, 3, 3, null, null])).not.toContain(false);
    expect(accepted([null, 0, null, 0])).toEqual([true, true, true, false]);
    expect(accepted([null, null, 0])).toEqual([true, true, false]);
    expect(accepted([null, null, null, 2, 1])).toEqual([true, true, true, true, false]);
  });

  it('may have begun before the first entry that is read', () => {
    expect(accepted([7, 7, null, 11], 9)).not.toContain(false);
    expect(accepted([7, 8], 9)).toEqual([true, false]);
    expect(accepted([9], 9)).toEqual([false]);
  });
});
