import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import { decide } from '../../../src/policy/decide.js';
import type { AttestationView } from '../../../src/policy/policy-state.js';
import type { Question } from '../../../src/policy/verdict.js';
import { compile, memo, systemTransfer } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { addressOf, OTHER_AGENT, policyWith, pubkeyOf } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const site = policyWith();
const message = compile('legacy', [K], [systemTransfer(K, pubkeyOf('bob'), 1000n)]);
const question = questionOf(site, message);
const FEE = question.assessment.fee.lamports;
const HOUR = 3_600_000;

function refused(asked: Question, ...known: readonly AttestationView[]): readonly Failure[] {
  const verdict = decide(asked, new ListState(...known));
  return verdict.decision === 'deny' ? verdict.failures : [];
}

describe('an attestation', () => {
  it('is required, for this workload and this key', () => {
    expect(refused(question)).toEqual([
      { code: 'ATTESTATION_REQUIRED', message: 'no attestation opens key trading-1 to this workload' },
    ]);
    expect(refused(question, attestation({ workload: OTHER_AGENT }))).toMatchObject([
      { code: 'ATTESTATION_REQUIRED' },
    ]);
    const other = attestation({ keys: [{ id: 'trading-1', publicKey: addressOf('another key') }] });
    expect(refused(question, other)).toMatchObject([{ code: 'ATTESTATION_REQUIRED' }]);
  });

  it('names the key by id and public key, both', () => {
    const renamed = attestation({ keys: [{ id: 'trading-2', publicKey: addressOf('trading-1') }] });
    expect(refused(question, renamed)).toMatchObject([{ code: 'ATTESTATION_REQUIRED' }]);
  });

  it('goes stale at the age the key allows, to the millisecond', () => {
    const aged = (age: number) => attestation({ issuedAt: NOON - age, expiresAt: NOON + 1 });
    expect(refused(question, aged(HOUR))).toEqual([]);
    expect(refused(question, aged(HOUR + 1))).toMatchObject([
      { code: 'ATTESTATION_STALE', rule: 'keys.trading-1.attestation.maxAge' },
    ]);
    const brief = questionOf(policyWith({ attestation: { maxAge: '90s' } }), message);
    expect(refused(brief, aged(90_000))).toEqual([]);
    expect(refused(brief, aged(90_001))).toMatchObject([{ code: 'ATTESTATION_STALE' }]);
  });

  it('ends when it expires, to the millisecond', () => {
    expect(refused(question, attestation({ expiresAt: NOON + 1 }))).toEqual([]);
    expect(refused(question, attestation({ expiresAt: NOON }))).toEqual([
      {
        code: 'ATTESTATION_EXPIRED',
        message: `attestation ${'00'.repeat(16)} expired at 2026-06-15T12:00:00.000Z`,
      },
    ]);
  });

  it('is judged by the decision itself, not by what the state leaves out', () => {
    class LaxState extends ListState {
      override attestations(): readonly AttestationView[] {
        return this.known;
      }
    }
    const lax = (changes: Partial<AttestationView>): readonly Failure[] => {
      const verdict = decide(question, new LaxState(attestation(changes)));
      return verdict.decision === 'deny' ? verdict.failures : [];
    };
    expect(lax({})).toEqual([]);
    expect(lax({ expiresAt: NOON })).toMatchObject([{ code: 'ATTESTATION_EXPIRED' }]);
    expect(lax({ revoked: 'leaked' })).toMatchObject([{ code: 'ATTESTATION_REVOKED' }]);
    expect(lax({ workload: OTHER_AGENT })).toMatchObject([{ code: 'ATTESTATION_REQUIRED' }]);
  });

  it('ends when it is revoked, by id, by workload or by epoch', () => {
    expect(refused(question, attestation({ revoked: 'leaked' }))).toMatchObject([
      { code: 'ATTESTATION_REVOKED' },
    ]);
    expect(refused(question, attestation({ epoch: 2 }))).toMatchObject([{ code: 'ATTESTATION_REVOKED' }]);
    expect(refused(question, attestation({ epoch: 0 }))).toMatchObject([{ code: 'ATTESTATION_REVOKED' }]);
    const state = new ListState(attestation());
    state.revokedBefore = NOON;
    const verdict = decide(question, state);
    expect(verdict.decision === 'deny' && verdict.failures).toMatchObject([{ code: 'ATTESTATION_REVOKED' }]);
  });

  it('must carry a recent challenge where the key asks for one', () => {
    const strict = questionOf(policyWith({ attestation: { maxAge: '10m', challenge: 'required' } }), message);
    expect(refused(strict, attestation())).toMatchObject([
      { code: 'ATTESTATION_REQUIRED', rule: 'keys.trading-1.attestation.challenge' },
    ]);
    expect(refused(strict, attestation({ challenge: { time: NOON - 600_001 } }))).toMatchObject([
      { code: 'ATTESTATION_STALE', rule: 'keys.trading-1.attestation.challenge' },
    ]);
    expect(refused(strict, attestation({ challenge: { time: NOON - 600_000 } }))).toEqual([]);
  });

  it('with a possession key is good only where it was proved', () => {
    const bound = attestation({ possession: addressOf('session') });
    expect(refused(question, bound)).toMatchObject([{ code: 'POSSESSION_REQUIRED' }]);
    const proved = questionOf(site, message, { possessed: new Set([addressOf('session')]) });
    expect(refused(proved, bound)).toEqual([]);
    const strict = questionOf(policyWith({ attestation: { possession: 'required' } }), message, {
      possessed: new Set([addressOf('session')]),
    });
    expect(refused(strict, attestation())).toMatchObject([
      { code: 'POSSESSION_REQUIRED', rule: 'keys.trading-1.attestation.possession' },
    ]);
    expect(refused(strict, bound)).toEqual([]);
  });

  it('that allows is chosen, however many do not', () => {
    const good = attestation({ id: '11'.repeat(16) });
    const state = new ListState(
      attestation({ issuedAt: NOON - 2 * HOUR }),
      attestation({ possession: addressOf('session') }),
      good,
    );
    expect(decide(question, state)).toMatchObject({ decision: 'allow', attestation: '11'.repeat(16) });
  });

  it('that comes nearest explains the refusal when none allows', () => {
    const stale = attestation({ id: '22'.repeat(16), issuedAt: NOON - 2 * HOUR });
    const narrow = attestation({ id: '33'.repeat(16), scope: { message: 'ab'.repeat(32) } });
    const unproved = attestation({ id: '44'.repeat(16), possession: addressOf('session') });
    expect(refused(question, stale, unproved)).toMatchObject([{ code: 'POSSESSION_REQUIRED' }]);
    const [failure, ...more] = refused(question, stale, unproved, narrow);
    expect(more).toEqual([]);
    expect(failure?.message).toContain('33'.repeat(16));
  });
});

describe('the scope of an attestation', () => {
  const scoped = (scope: AttestationView['scope'], used = 0): AttestationView =>
    attestation({ used, ...(scope === undefined ? {} : { scope }) });

  it('lowers what a transaction may take', () => {
    const enough = (1000n + FEE).toString();
    expect(refused(question, scoped({ limits: [{ asset: 'SOL', perTransaction: enough }] }))).toEqual([]);
    const short = (999n + FEE).toString();
    expect(refused(question, scoped({ limits: [{ asset: 'SOL', perTransaction: short }] }))).toMatchObject([
      { code: 'SPEND_LIMIT_EXCEEDED', asset: 'SOL', limit: short, requested: enough },
    ]);
  });

  it('never raises what the policy allows', () => {
    const big = questionOf(site, compile('legacy', [K], [systemTransfer(K, pubkeyOf('bob'), 600_000_000n)]));
    const wide = scoped({ limits: [{ asset: 'SOL', perTransaction: '9000000000' }], uses: 1000 });
    expect(refused(big, wide)).toMatchObject([{ rule: 'keys.trading-1.limits[0].perTransaction' }]);
  });

  it('that names assets leaves out all others, but not the fee', () => {
    const tokens = scoped({ limits: [{ asset: 'USDC', perTransaction: '5' }] });
    expect(refused(question, tokens)).toMatchObject([
      { code: 'ASSET_NOT_ALLOWED', asset: 'SOL', limit: '0', requested: '1000' },
    ]);
    const onlyFee = questionOf(site, compile('legacy', [K], [memo('x')]));
    expect(refused(onlyFee, tokens)).toEqual([]);
  });

  it('narrows programs and destinations', () => {
    expect(refused(question, scoped({ programs: ['memo'] }))).toMatchObject([
      { code: 'PROGRAM_NOT_ALLOWED', instruction: 0 },
    ]);
    expect(refused(question, scoped({ programs: ['system'] }))).toEqual([]);
    expect(refused(question, scoped({ destinations: [addressOf('carol')] }))).toMatchObject([
      { code: 'DESTINATION_NOT_ALLOWED', destination: addressOf('bob') },
    ]);
    expect(refused(question, scoped({ destinations: [addressOf('bob')] }))).toEqual([]);
  });

  it('counts uses, but not those that repeat bytes already counted', () => {
    expect(refused(question, scoped({ uses: 2 }, 1))).toEqual([]);
    expect(refused(question, scoped({ uses: 2 }, 2))).toMatchObject([
      { code: 'ATTESTATION_REQUIRED', limit: '2', spent: '2' },
    ]);
    const state = new ListState(scoped({ uses: 2 }, 2));
    state.seen.set(`${question.workload} transaction ${question.messageHash}`, { sequence: 3, time: NOON });
    expect(decide(question, state)).toMatchObject({ decision: 'allow', repeats: 3 });
  });

  it('binds one exact message', () => {
    expect(refused(question, scoped({ message: question.messageHash }))).toEqual([]);
    expect(refused(question, scoped({ message: 'ab'.repeat(32) }))).toMatchObject([
      { code: 'ATTESTATION_REQUIRED' },
    ]);
  });
});
