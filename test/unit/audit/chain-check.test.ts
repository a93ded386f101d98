import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ChainCheck } from '../../../src/audit/read/chain-check.js';
import { canonicalJson } from '../../../src/core/canonical-json.js';

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
    const head = { previous: '0'.repeat(64), sequence: '0', time: '2026-03-01T10:00:00.000Z' };
    const revocation = (what: { attestation?: string; workload?: string }): Buffer =>
      hashed(
        Buffer.from(
          canonicalJson({ ...head, type: 'revocation', reason: 'r', by: { uid: 0, pid: 1 }, ...what }),
        ),
      );
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
});
