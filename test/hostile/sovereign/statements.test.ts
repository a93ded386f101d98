import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import { MAX_PAYLOAD_BYTES, parseEnvelope, parseEnvelopeText } from '../../../src/sovereign/envelope.js';
import { entryFits } from '../../../src/ledger/entry-text.js';
import { buildPayload } from '../../../src/sovereign/build-payload.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { readStatement } from '../../../src/sovereign/read-statement.js';
import { verifyStatement } from '../../../src/sovereign/verify-statement.js';
import { envelopeOf } from '../../support/ssh-authority.js';
import { publicKeyLine, signSshsig } from '../../support/sshsig-by-hand.js';
import { ATTESTATION, judgeOf, LEDGER_KEY, thresholds, TRADING_KEY } from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const alice = new WalletAuthority('alice');
const judge = judgeOf({
  threshold: thresholds(1),
  authorities: [parseAuthority({ id: 'alice', ssh: publicKeyLine(alice) })],
});

function refusal(payload: string | Uint8Array): string {
  const error = thrown(() => readStatement(envelopeOf(Buffer.from(payload))));
  expect(error.code).toBe('MALFORMED_STATEMENT');
  return error.message;
}

/** The attestation with some fields replaced; undefined removes one. */
function payloadWith(over: Record<string, unknown>): string {
  return JSON.stringify({ type: 'attestation/v1', ...ATTESTATION, ...over });
}

describe('an envelope', () => {
  const item = { authority: 'alice', scheme: 'sshsig', signature: 'x' };
  it.each<[string, unknown, string]>([
    ['null', null, 'expected a map with payload, signatures'],
    ['text', 'x', 'expected a map with payload, signatures'],
    ['an array', [], 'expected a map with payload, signatures'],
    ['without payload', { signatures: [] }, 'payload: is missing'],
    ['without signatures', { payload: 'e30=' }, 'signatures: is missing'],
    ['with a mistyped key', { payload: 'e30=', signatures: [], payloads: 1 }, 'did you mean payload?'],
    [
      'with a mistyped inner key',
      { payload: 'e30=', signatures: [{ ...item, sceme: '' }] },
      'did you mean scheme?',
    ],
    ['with 33 signatures', { payload: 'e30=', signatures: Array(33).fill(item) }, 'more than 32 signatures'],
    ['with a huge payload', { payload: 'A'.repeat(90_000), signatures: [] }, 'more than 32768 bytes'],
    [
      'with a huge signature',
      { payload: 'e30=', signatures: [{ ...item, signature: 'A'.repeat(5000) }] },
      'signatures',
    ],
  ])('%s is refused', (_name, value, sentence) => {
    const error = thrown(() => parseEnvelope(value));
    expect(error.code).toBe('MALFORMED_STATEMENT');
    expect(error.message).toContain(sentence);
  });

  it('fits a ledger entry with all its signatures, or is refused', () => {
    const statement = (count: number): unknown => ({
      payload: Buffer.alloc(MAX_PAYLOAD_BYTES).toString('base64'),
      signatures: Array(count).fill({ ...item, signature: 'x'.repeat(1000) }),
    });
    expect(parseEnvelope(statement(16)).signatures).toHaveLength(16);
    const body = { type: 'statement' as const, kind: 'attestation', id: 'f'.repeat(32) };
    const authorities = Array<string>(32).fill('a'.repeat(64));
    expect(entryFits({ ...body, authorities, statement: parseEnvelope(statement(16)) })).toBe(true);
    const error = thrown(() => parseEnvelope(statement(17)));
    expect(error.code).toBe('MALFORMED_STATEMENT');
    expect(error.message).toContain('at most 61440 are allowed');
  });

  it.each(['e30', 'e30=\n', 'e3 0=', 'e31=', 'e30-', '', 'e30=e30='])(
    'with the base64 %j is refused',
    (payload) => {
      const error = thrown(() => readStatement({ payload, signatures: [] }));
      expect(error.code).toBe('MALFORMED_STATEMENT');
    },
  );

  it('of more than 32 KiB is refused at the exact byte', () => {
    const at = ' '.repeat(MAX_PAYLOAD_BYTES);
    expect(refusal(at)).toBe('the payload is not valid JSON');
    expect(refusal(`${at} `)).toBe('the payload has 32769 bytes, at most 32768 are allowed');
  });

  it('in a file must be strict JSON of bounded size', () => {
    const text = (value: string): string => thrown(() => parseEnvelopeText(Buffer.from(value))).message;
    expect(parseEnvelopeText(Buffer.from('{ "payload": "e30=", "signatures": [] }\n'))).toEqual({
      payload: 'e30=',
      signatures: [],
    });
    expect(text('{"payload":"e30=","payload":"e30=","signatures":[]}')).toContain(
      'the key "payload" stands twice',
    );
    expect(text('not json')).toBe('the statement file is not valid JSON');
    expect(text(' '.repeat(600_000))).toBe('the statement file has 600000 bytes');
  });
});

describe('a payload', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['empty', '', 'not valid JSON'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not valid UTF-8'],
    ['with a byte order mark', `\ufeff${payloadWith({})}`, 'not valid JSON'],
    ['with bytes after it', `${payloadWith({})}x`, 'not valid JSON'],
    ['of two values', `${payloadWith({})}${payloadWith({})}`, 'not valid JSON'],
    ['null', 'null', 'not a JSON object'],
    ['an array', '[]', 'not a JSON object'],
    ['without a type', '{}', 'has no type'],
    ['with a mistyped type', '{"type":"atestation/v1"}', 'did you mean attestation/v1?'],
    ['of another version', '{"type":"attestation/v2"}', 'did you mean attestation/v1?'],
    ['of an unknown type', '{"type":"\\u001b[2Jx"}', 'the type "\\u001b[2Jx" is not known'],
    ['of the type __proto__', '{"type":"__proto__"}', 'is not known'],
    ['with a type twice', '{"type":"policy/v1","type":"attestation/v1"}', 'the key "type" stands twice'],
    ['with a key twice, once escaped', '{"type":"x","\\u0074ype":"y"}', 'the key "type" stands twice'],
    ['nested too deep', '['.repeat(1000) + ']'.repeat(1000), 'nested deeper than 16'],
  ])('%s is refused', (_name, payload, sentence) => {
    expect(refusal(payload)).toContain(sentence);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown key', { workloads: ['x'] }, 'unknown key "workloads" (did you mean workload?)'],
    ['an unknown scope', { scope: { use: 1 } }, 'scope: unknown key "use" (did you mean uses?)'],
    [
      'the key __proto__',
      JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>,
      'unknown key "__proto__"',
    ],
    ['no expiry', { expiresAt: undefined }, 'expiresAt'],
    ['a short id', { id: '0123' }, 'id: expected 32 lower-case hex digits'],
    ['an upper-case id', { id: 'A'.repeat(32) }, 'id: expected 32'],
    ['an epoch of 0', { epoch: 0 }, 'epoch'],
    ['an epoch of 1.5', { epoch: 1.5 }, 'epoch'],
    ['an epoch above 2^53', { epoch: 2 ** 54 }, 'epoch'],
    ['an epoch in text', { epoch: '1' }, 'epoch: expected'],
    ['30 February', { issuedAt: '2026-02-30T00:00:00Z' }, 'issuedAt: expected RFC 3339'],
    ['a time zone', { issuedAt: '2026-11-22T11:59:00+01:00' }, 'issuedAt: expected RFC 3339 in UTC'],
    ['a foreign signer form', { signer: 'chancery.local/demo/../x' }, 'signer: expected chancery.local/'],
    ['control characters in the reason', { reason: 'a\u0007' }, 'reason: expected 1 to 256 printable'],
    ['direction marks in the reason', { reason: 'a\u202eb' }, 'reason: expected 1 to 256 printable'],
    ['no keys', { keys: [] }, 'keys'],
    ['a key twice', { keys: [ATTESTATION.keys[0], ATTESTATION.keys[0]] }, 'keys: a key stands twice'],
    [
      'one public key under two ids',
      { keys: [...ATTESTATION.keys, { id: 'other', publicKey: TRADING_KEY }] },
      'keys: a public key stands twice',
    ],
    [
      'a key in hex',
      { keys: [{ id: 'k', publicKey: '02'.repeat(32) }] },
      'keys[0].publicKey: expected the base58',
    ],
    ['65 keys', { keys: Array(65).fill(ATTESTATION.keys[0]) }, 'keys'],
    ['a workload with a port', { workload: 'spiffe://a.b:80/x' }, 'workload: expected a SPIFFE ID'],
    ['a workload with a query', { workload: 'spiffe://a.b/x?y' }, 'workload'],
    ['a workload with dots', { workload: 'spiffe://a.b/x/../y' }, 'workload'],
    ['a workload ending in a slash', { workload: 'spiffe://a.b/x/' }, 'workload'],
    ['a workload without a path', { workload: 'spiffe://a.b' }, 'workload'],
    ['a workload with percent-encoding', { workload: 'spiffe://a.b/%78' }, 'workload'],
    [
      'an amount in SOL',
      { scope: { limits: [{ asset: 'SOL', perTransaction: '0.5' }] } },
      'decimal number of base',
    ],
    [
      'a negative amount',
      { scope: { limits: [{ asset: 'SOL', perTransaction: '-1' }] } },
      'decimal number of base',
    ],
    [
      'an amount above u64',
      { scope: { limits: [{ asset: 'SOL', perTransaction: '18446744073709551616' }] } },
      '64 bits',
    ],
    [
      'an asset twice',
      { scope: { limits: Array(2).fill({ asset: 'SOL', perTransaction: '1' }) } },
      'an asset stands',
    ],
    ['no uses', { scope: { uses: 0 } }, 'scope.uses'],
    ['a short message hash', { scope: { message: 'ab' } }, 'scope.message: expected 64'],
    [
      'a ledger root in hex',
      { ledger: { size: 1, root: 'ab'.repeat(32) } },
      'ledger.root: expected the base64',
    ],
    ['a possession key that is none', { possession: 'me' }, 'possession: expected the base58'],
  ])('with %s is refused', (_name, over, sentence) => {
    expect(refusal(payloadWith(over))).toContain(sentence);
  });

  it('names what is wrong without repeating a long hostile text', () => {
    expect(refusal(payloadWith({ ['x'.repeat(5000)]: 1 })).length).toBeLessThan(400);
  });

  it('of a genesis with an unreadable authority is refused', () => {
    const genesis = {
      ...{ type: 'genesis/v1', signer: ATTESTATION.signer, id: ATTESTATION.id, epoch: 1 },
      ...{ issuedAt: ATTESTATION.issuedAt, publicKey: LEDGER_KEY, policy: '0'.repeat(64) },
      threshold: thresholds(1),
      authorities: [{ id: 'a', ssh: 'ssh-rsa AAAA' }],
    };
    expect(refusal(JSON.stringify(genesis))).toContain('authorities[0].ssh: expected an OpenSSH Ed25519');
    const { watermark, ...six } = genesis.threshold;
    expect(watermark).toBe(1);
    expect(refusal(JSON.stringify({ ...genesis, threshold: six }))).toContain('threshold.watermark');
  });
});

describe('any bytes at all', () => {
  const allowed = new Set(['MALFORMED_STATEMENT', 'STATEMENT_INVALID', 'QUORUM_NOT_MET']);
  const code = (envelope: unknown): string => {
    try {
      verifyStatement(parseEnvelope(envelope), judge);
    } catch (error) {
      if (error instanceof ChanceryError) return error.code;
      throw error;
    }
    return 'accepted';
  };

  it('end in one of the three codes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, signature) => {
        const payload = Buffer.from(JSON.stringify(value)).toString('base64');
        const signatures = [{ authority: 'alice', scheme: 'sshsig', signature: `x${signature}` }];
        expect(allowed).toContain(code({ payload, signatures }));
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(allowed).toContain(code(value));
      }),
    );
  });

  it('a good payload with one changed byte never verifies', () => {
    const payload = Buffer.from(buildPayload('attestation', ATTESTATION));
    const signature = signSshsig(alice, payload, 'attestation@chancery');
    const signed = (bytes: Uint8Array): string =>
      code(envelopeOf(bytes, { authority: 'alice', scheme: 'sshsig', signature }));
    expect(signed(payload)).toBe('accepted');
    fc.assert(
      fc.property(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const copy = Buffer.from(payload);
        copy[at] = (copy[at] ?? 0) ^ flip;
        expect(allowed).toContain(signed(copy));
      }),
    );
  });
});
