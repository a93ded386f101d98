import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  address,
  getOffchainMessageEncoder,
  offchainMessageApplicationDomain,
  type OffchainMessage,
  offchainMessageContentRestrictedAsciiOf1232BytesMax,
} from '@solana/kit';
import bs58 from 'bs58';
import { PREAMBLES, type Preamble } from '../../../src/sovereign/authority.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import { inspectStatement } from '../../../src/sovereign/inspect-statement.js';
import { APPLICATION_DOMAIN, offchainMessage } from '../../../src/sovereign/offchain-message.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { verifyStatement } from '../../../src/sovereign/verify-statement.js';
import { envelopeOf } from '../../support/ssh-authority.js';
import { ATTESTATION, HASH, judgeOf, POLICY, thresholds, TRADING_KEY } from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const cold = new WalletAuthority('cold');

function judge(...preamble: readonly Preamble[]): ReturnType<typeof judgeOf> {
  return judgeOf({ threshold: thresholds(1), authorities: [parseAuthority(cold.text(...preamble))] });
}

function lineOf(payload: Uint8Array): string | null {
  return inspectStatement(envelopeOf(payload), judge('kit-v1')).line;
}

function kitEncode(message: OffchainMessage): Buffer {
  return Buffer.from(getOffchainMessageEncoder().encode(message));
}

describe('off-chain preambles', () => {
  it('sdk-v0 is that of the Solana SDK', () => {
    const url = new URL('../../vectors/solana-offchain/vectors.json', import.meta.url);
    const { cases } = JSON.parse(readFileSync(url, 'utf8')) as {
      cases: { text: string; serialized?: string }[];
    };
    const [first] = cases;
    const built = offchainMessage('sdk-v0', cold.publicKey, first!.text);
    expect(Buffer.from(built).toString('hex')).toBe(first!.serialized);
  });

  it('ledger-v0 is what @solana/kit encodes', () => {
    const encoded = kitEncode({
      version: 0,
      applicationDomain: offchainMessageApplicationDomain(bs58.encode(APPLICATION_DOMAIN)),
      content: offchainMessageContentRestrictedAsciiOf1232BytesMax('hello'),
      requiredSignatories: [{ address: address(cold.address) }],
    });
    expect(Buffer.from(offchainMessage('ledger-v0', cold.publicKey, 'hello')).equals(encoded)).toBe(true);
  });

  it('kit-v1 is what @solana/kit encodes', () => {
    const encoded = kitEncode({
      version: 1,
      content: 'hello',
      requiredSignatories: [{ address: address(cold.address) }],
    });
    expect(Buffer.from(offchainMessage('kit-v1', cold.publicKey, 'hello')).equals(encoded)).toBe(true);
  });

  it('can never be taken for a transaction', () => {
    for (const preamble of PREAMBLES) expect(offchainMessage(preamble, cold.publicKey, 'x')[0]).toBe(0xff);
  });
});

describe('a statement signed by a wallet', () => {
  it.each(PREAMBLES)('counts under %s when that is allowed, and not otherwise', (preamble) => {
    const payload = buildPayload('attestation', ATTESTATION);
    const envelope = envelopeOf(payload, cold.sign(preamble, lineOf(payload) ?? ''));
    expect(verifyStatement(envelope, judge(preamble)).authorities).toEqual(['cold']);
    const others = PREAMBLES.filter((other) => other !== preamble);
    const error = thrown(() => verifyStatement(envelope, judge(...others)));
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('it is not a signature of the line of this statement');
  });

  it('is read as one line that shows every figure', () => {
    const payload = buildPayload('attestation', {
      ...ATTESTATION,
      reason: 'night run',
      possession: cold.address,
      ledger: { size: 42, root: `${'A'.repeat(43)}=` },
      scope: {
        limits: [{ asset: 'SOL', perTransaction: '500000000' }],
        programs: ['system', 'memo'],
        destinations: [TRADING_KEY],
        uses: 3,
        message: HASH,
      },
    });
    const { digest } = inspectStatement(envelopeOf(payload), judge('kit-v1'));
    expect(lineOf(payload)).toBe(
      'chancery attestation/v1 | signer chancery.local/demo/72cd6e8422c407fb' +
        ` | workload spiffe://dev.chancery.local/agent | key trading-1 ${TRADING_KEY} | possession ${cold.address}` +
        ` | ledger 42 ${'A'.repeat(43)}= | at-most 500000000 base units of SOL a transaction` +
        ` | programs system memo | destinations ${TRADING_KEY} | uses 3 | message ${HASH} | reason "night run"` +
        ' | issued 2026-11-22T11:59:00Z | expires 2026-11-22T12:29:00Z | epoch 1' +
        ` | id 0123456789abcdef0123456789abcdef | sha256 ${digest}`,
    );
  });

  it('cannot be signed when a wallet could not show it', () => {
    const keys = Array.from({ length: 20 }, (_, index) => ({
      id: `k${String(index)}`,
      publicKey: bs58.encode(Buffer.alloc(32, index + 1)),
    }));
    const long = buildPayload('attestation', { ...ATTESTATION, keys });
    const foreign = buildPayload('policy', { ...POLICY, reason: 'größer' });
    for (const payload of [long, foreign]) {
      expect(lineOf(payload)).toBeNull();
      const error = thrown(() =>
        verifyStatement(envelopeOf(payload, cold.sign('kit-v1', 'x')), judge('kit-v1')),
      );
      expect(error.code).toBe('QUORUM_NOT_MET');
      expect(error.message).toContain('so no wallet can show it; use an SSH key');
    }
  });

  it('quotes free text, so that a reason cannot pose as a field', () => {
    const payload = buildPayload('policy', { ...POLICY, reason: 'ok" | policy 00' });
    expect(lineOf(payload)).toContain('| reason "ok\\" | policy 00" |');
  });

  it('changes with every field', () => {
    const variants: Partial<PayloadFields<'attestation'>>[] = [
      {},
      { id: 'f'.repeat(32) },
      { epoch: 2 },
      { issuedAt: '2026-11-22T11:58:00Z' },
      { expiresAt: '2026-11-22T12:28:00Z' },
      { workload: 'spiffe://dev.chancery.local/other' },
      { reason: 'x' },
      { keys: [{ id: 'trading-2', publicKey: TRADING_KEY }] },
      { possession: TRADING_KEY },
      { scope: { uses: 1 } },
      { scope: { uses: 2 } },
    ];
    const lines = variants.map((over) => lineOf(buildPayload('attestation', { ...ATTESTATION, ...over })));
    expect(lines).not.toContain(null);
    expect(new Set(lines.map((line) => line?.replace(/ sha256 .*$/, ''))).size).toBe(variants.length);
  });
});
