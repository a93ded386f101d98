import { expect, it } from 'vitest';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { assess } from '../../../src/solana/assess.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { worstInputs } from '../../bench/worst-inputs.js';
import { worstAttestations, worstPolicy } from '../../bench/worst-policy.js';
import { FoldedState } from '../../support/policy-fold.js';
import { NOON } from '../../support/policy-state.js';
import { AGENT, pubkeyOf } from '../../support/policy-text.js';

/** `npm run bench` measures this very policy: its figure says something only while all rules are at work in it. */
it('the policy that the bench takes for the slowest can be read, and every rule in it refuses', () => {
  const state = new FoldedState(NOON - 60_000);
  for (const body of worstAttestations(NOON - 60_000)) state.append(body, NOON - 60_000);
  const policy = worstPolicy();
  const key = policy.keys.get('trading-1')!;
  const bytes = worstInputs(pubkeyOf('trading-1')).get('v1: 64 transfers to strangers')!;
  const { message } = readTransaction(bytes);
  const verdict = decide(
    {
      policy,
      key,
      workload: AGENT,
      assessment: assess(message, key.context),
      messageHash: sha256Hex(message.bytes),
      purpose: 'transaction',
      possessed: new Set(),
      now: NOON,
      entryTime: NOON,
    },
    state.fold,
  );
  expect(verdict.limits).toHaveLength(566);
  const failures = verdict.decision === 'deny' ? verdict.failures : [];
  const rules = new Set(failures.map(({ rule = '' }) => /^keys\.trading-1\.(\w+)/.exec(rule)?.[1]));
  expect([...rules].filter((rule) => rule !== undefined).sort()).toEqual([
    'attestation',
    'coSigners',
    'destinations',
    'hours',
    'limits',
    'maxInstructions',
    'memo',
  ]);
});
