import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/policy/decide.js';
import { compile, memo, systemTransfer } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { addressOf, policyWith, pubkeyOf, type Yaml } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');

/** Rules that may be taken away; each alone must not let more through. */
const OPENING = ['limits', 'fee', 'programs', 'destinations', 'workloads'] as const;
const rules: { readonly [key: string]: Yaml } = {
  destinations: [addressOf('bob'), addressOf('carol')],
  programs: ['system', 'memo'],
};
const full = policyWith(rules);
const without = new Map(OPENING.map((field) => [field, policyWith({ ...rules, [field]: undefined })]));
const closing: readonly { readonly [key: string]: Yaml }[] = [
  { deny: { accounts: [addressOf('carol')] } },
  { deny: { programs: ['memo'] } },
  { maxInstructions: 2 },
  { maxSigners: 1 },
  { coSigners: [addressOf('carol')] },
  { memo: 'required' },
  { hours: { zone: 'UTC', days: 'sat', from: '00:00', to: '24:00' } },
  { rate: { max: 0, window: '1m' } },
  { attestation: { challenge: 'required' } },
  { attestation: { possession: 'required' } },
];
const narrowed = closing.map((extra) => policyWith({ ...rules, ...extra }));

const messages = fc
  .record({
    transfers: fc.array(
      fc.record({
        to: fc.constantFrom('bob', 'carol', 'mallory'),
        lamports: fc.bigInt({ min: 0n, max: 600_000_000n }),
      }),
      { minLength: 0, maxLength: 3 },
    ),
    memo: fc.boolean(),
    cosigned: fc.boolean(),
  })
  .filter(({ transfers, memo: noted }) => transfers.length > 0 || noted)
  .map(({ transfers, memo: noted, cosigned }) =>
    compile('legacy', cosigned ? [K, pubkeyOf('carol')] : [K], [
      ...transfers.map(({ to, lamports }) => systemTransfer(K, pubkeyOf(to), lamports)),
      ...(noted ? [memo('note')] : []),
    ]),
  );

const state = new ListState(attestation());
const allows = (site: typeof full, message: Buffer): boolean =>
  decide(questionOf(site, message), state).decision === 'allow';

describe('I8: a rule that is absent, or one more that is given, never lets more through', () => {
  it('for any transaction', () => {
    let allowed = 0;
    fc.assert(
      fc.property(messages, (message) => {
        const base = allows(full, message);
        if (base) allowed++;
        for (const [field, site] of without) {
          if (allows(site, message)) expect(base, `without ${field}`).toBe(true);
        }
        narrowed.forEach((site, index) => {
          if (allows(site, message)) expect(base, JSON.stringify(closing[index])).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
    expect(allowed).toBeGreaterThan(20);
  });
});
