import type { EntryBody } from '../../src/ledger/entries.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import type { Policy } from '../../src/policy/policy.js';
import { attestation } from '../support/ledger-bodies.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  policyBytes,
  walletText,
  type Yaml,
} from '../support/policy-text.js';
import { PINNED_TABLES } from './worst-inputs.js';

const WINDOWS = ['10m', '1h', '24h', '7d', '30d'];
/** Most limits and rates of one key. */
const LIMITS = 256;
const ATTESTATIONS = 8;

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Every rule there is, as large as it may be: what a decision costs when nothing of it can be left out. */
export function worstPolicy(): Policy {
  const listed = many(2000, (index) => addressOf(`to ${String(index)}`));
  const of = (scope: { readonly [key: string]: Yaml }): Yaml[] =>
    WINDOWS.map((window) => ({
      asset: 'SOL',
      perTransaction: '0.000000001 SOL',
      window,
      max: '1 SOL',
      ...scope,
    }));
  const narrow = [...of({}), ...of({ destination: 'each' }), ...of({ workload: 'each' })];
  const toEach = listed
    .slice(0, LIMITS)
    .map((destination) => ({ asset: 'SOL', window: '1h', max: '1 SOL', destination }));
  const trading = walletText({
    limits: [...narrow, ...toEach].slice(0, LIMITS),
    rate: WINDOWS.map((window) => ({ max: 1_000_000, window })),
    attestation: { maxAge: '30d', challenge: 'required', possession: 'required' },
    hours: { zone: 'America/New_York', days: 'mon', from: '03:00', to: '03:01' },
    deny: {
      accounts: many(500, (index) => addressOf(`denied ${String(index)}`)),
      programs: ['stake', 'token-2022'],
    },
    maxInstructions: 1,
    maxSigners: 13,
    coSigners: many(12, (index) => addressOf(`co-signer ${String(index)}`)),
    memo: { startsWith: 'order ' },
    programs: ['system', 'token', 'compute-budget', 'memo'],
    destinations: listed,
  });
  return parsePolicy(policyBytes({ keys: [trading, ledgerKeyText()], tables: PINNED_TABLES }));
}

/** Live attestations whose scopes are as long as they may be and let nothing through. */
export function worstAttestations(issuedAt: number): EntryBody[] {
  const scope = {
    limits: [{ asset: 'SOL', perTransaction: '1' }],
    programs: many(64, (index) => `program-${String(index)}`),
    destinations: many(256, (index) => addressOf(`scope ${String(index)}`)),
  };
  const keys = [{ id: 'trading-1', publicKey: addressOf('trading-1') }];
  const expiresAt = issuedAt + 365 * 86_400_000;
  return many(ATTESTATIONS, (index) =>
    attestation({ number: 100 + index, workload: AGENT, keys, issuedAt, expiresAt, rest: { scope } }),
  );
}
