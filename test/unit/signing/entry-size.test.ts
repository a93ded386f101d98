import { expect, it } from 'vitest';
import type { AuthorizationBody } from '../../../src/ledger/entries.js';
import { entryFits } from '../../../src/ledger/entry-text.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Question, Verdict } from '../../../src/policy/verdict.js';
import { authorizationBody } from '../../../src/signing/records.js';
import type { InstructionReport } from '../../../src/solana/assessment.js';
import { key as account, compile, memo } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText, type Yaml } from '../../support/policy-text.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { toAddress } from '../../../src/core/pubkey.js';

const K = pubkeyOf('trading-1');
const MOST = 0xffff_ffff_ffff_ffffn;
/** 128 assets with names as long as they may be. */
const MINTS = Array.from({ length: 128 }, (_, index) => account(3000 + index));
const nameOf = (index: number): string => `T${String(index).padStart(31, '0')}`;
const ASSETS: Yaml = Object.fromEntries(
  MINTS.map((mint, index) => [nameOf(index), { mint: toAddress(mint), program: 'token', decimals: '0' }]),
);
const rules = {
  limits: [
    { asset: 'SOL', window: '24h', max: '100 SOL' },
    ...MINTS.map((_, index) => ({
      asset: nameOf(index),
      window: '24h',
      max: `${String(MOST)} ${nameOf(index)}`,
    })),
  ],
  programs: ['token', 'memo'],
  destinations: 'any',
};
const policy = parsePolicy(policyBytes({ assets: ASSETS, keys: [walletText(rules), ledgerKeyText()] }));
const site = { policy, key: policy.keys.get('trading-1')! };

/** What a declared program could be found to do: so many instructions, each taking in so many places. */
function reports(instructions: number, places: number): InstructionReport[] {
  return Array.from({ length: instructions }, (_, index) => ({
    index,
    inner: index,
    program: PROGRAM_IDS.token,
    programName: 'token',
    name: 'n'.repeat(128),
    debits: Array.from({ length: places }, (_, place) => ({
      asset: {
        kind: 'token' as const,
        program: PROGRAM_IDS.token,
        mint: MINTS[(index * places + place) % MINTS.length]!,
      },
      amount: MOST - 1n,
      reason: 'create-account' as const,
      source: account(5000 + place),
      destination: account(6000 + index),
      own: true,
    })),
    destinations: [],
    touchesKey: true,
    refusals: [],
    details: [],
  }));
}

function ask(instructions: number, places: number): { question: Question; verdict: Verdict } {
  const message = compile(1, [K], [memo('x'.repeat(3800))], { config: { computeUnitLimit: 1 } });
  const asked = questionOf(site, message);
  const question = {
    ...asked,
    assessment: { ...asked.assessment, instructions: reports(instructions, places) },
  };
  return { question, verdict: decide(question, new ListState(attestation())) };
}

function bodyOf({ question, verdict }: ReturnType<typeof ask>): AuthorizationBody {
  const { policy, key, assessment } = question;
  const caller = {
    workload: `spiffe://${'w'.repeat(2039)}`,
    policy: policy.sha256,
    peer: { exe: '\u0001'.repeat(170), gid: 2 ** 32 - 1, pid: 4_194_304, uid: 2 ** 32 - 1 },
    possessed: new Set<string>(),
    check: () => null,
    alive: () => null,
  };
  if (verdict.decision !== 'allow') throw new Error(`refused: ${verdict.failures[0].message}`);
  return authorizationBody('f'.repeat(16), policy, key, caller, assessment, verdict);
}

it('an authorization of the most that is let through fits an entry of the ledger', () => {
  const body = bodyOf(ask(64, 2));
  expect(body.counted).toHaveLength(128 + 3);
  expect(JSON.stringify(body).length).toBeGreaterThan(57_000);
  expect(entryFits(body)).toBe(true);
});

it('more is refused by the decision, not by the ledger', () => {
  const { verdict } = ask(64, 3);
  expect(verdict.decision === 'deny' && verdict.failures[0]).toMatchObject({
    code: 'INSTRUCTION_NOT_ALLOWED',
    limit: '128',
    requested: '192',
  });
});
