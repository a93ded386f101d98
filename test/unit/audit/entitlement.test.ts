import { describe, expect, it } from 'vitest';
import type { AuthorizationBody, KeyBody } from '../../../src/ledger/entries.js';
import { headOf } from '../../support/audit/checkpoint.js';
import { running, found } from '../../support/audit/found.js';
import {
  acceptance,
  attestation,
  authorization,
  iso,
  LEDGER_KEY,
  nextId,
  policy,
  policyText,
  sha256,
  STRANGER,
  TRADING_KEY,
  unfreeze,
  WORKLOAD,
} from '../../support/audit/history.js';
import type { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { transferMessage } from '../../support/audit/transfer-message.js';

const OTHER = 'spiffe://dev.chancery.local/other';
const by = { uid: 0, pid: 7 };

/** An accepted attestation, then what `between` adds, then one authorization under it with `over`. */
interface Case {
  readonly warrant?: Parameters<typeof attestation>[1];
  readonly before?: (ledger: LedgerWriter, id: string) => void;
  readonly between?: (ledger: LedgerWriter, id: string) => void;
  readonly over?: Partial<AuthorizationBody>;
  readonly policies?: readonly string[];
}

async function entitled({ warrant = {}, before, between, over = {}, policies }: Case): Promise<string[]> {
  const ledger = running();
  const id = nextId();
  before?.(ledger, id);
  ledger.add(attestation(ledger.time, { id, ...warrant }));
  between?.(ledger, id);
  const sequence = ledger.add(authorization(id, 50, 1000n, over));
  const damages = await found(ledger, policies);
  const authority = damages.filter((damage) => damage.startsWith(`authority ${String(sequence)}: `));
  // Whatever is wrong is wrong with the authorization, or with an attestation that could not have been accepted.
  expect(damages.filter((damage) => !damage.startsWith('statement '))).toEqual(authority);
  return authority.map((damage) => damage.replace(/^[^:]*: /, ''));
}

const keyEntry = (action: KeyBody['action'], publicKey = TRADING_KEY.address): KeyBody => ({
  type: 'key',
  action,
  token: 'main',
  label: 'trading-1',
  publicKey,
});
/** The second policy, in which the workload is uid 1001, whatever its group, or uid 1002 with its own. */
const grouped = policyText(2).replace(
  /^ {4}selectors: .*$/m,
  `$&\n  - id: ${WORKLOAD}\n    selectors: ["unix:uid:1002", "unix:gid:1002", "unix:path:/opt/x"]`,
);
const freeze = (key?: { readonly key: string; readonly publicKey: string }) => ({
  type: 'freeze' as const,
  ...key,
  reason: 'drill',
  by,
});
const trading = { key: 'trading-1', publicKey: TRADING_KEY.address };
const other = { key: 'ledger', publicKey: LEDGER_KEY.address };

describe('an authorization under a sound attestation', () => {
  it.each<[string, Case]>([
    ['with nothing in its way', {}],
    ['with another key frozen', { between: (ledger) => ledger.add(freeze(other)) }],
    [
      'after its freeze was lifted',
      {
        between: (ledger) => {
          ledger.add(freeze(trading));
          ledger.add(unfreeze(ledger.head));
        },
      },
    ],
    ['with another key retired', { between: (ledger) => ledger.add(keyEntry('retire', STRANGER.address)) }],
    ['with another key latched', { between: (ledger) => ledger.add(keyEntry('latch', STRANGER.address)) }],
    ['whose key was recorded again', { between: (ledger) => ledger.add(keyEntry('import')) }],
    [
      'with another workload revoked',
      { between: (ledger) => ledger.add({ type: 'revocation', workload: OTHER, reason: 'x', by }) },
    ],
    [
      'with another attestation revoked',
      { between: (ledger) => ledger.add({ type: 'revocation', attestation: nextId(), reason: 'x', by }) },
    ],
    [
      'issued after its workload was revoked',
      {
        before: (ledger) => {
          ledger.add({ type: 'revocation', workload: WORKLOAD, reason: 'x', by });
          ledger.time += 1;
        },
      },
    ],
    [
      'for exactly this message',
      { warrant: { scope: { message: sha256(Buffer.from(authorization('', 50).message, 'base64')) } } },
    ],
    ['in its last use', { warrant: { scope: { uses: 2 } }, between: (ledger, id) => use(ledger, id) }],
    [
      'in its last use, repeats apart',
      {
        warrant: { scope: { uses: 2 } },
        between: (ledger, id) => {
          const first = use(ledger, id);
          ledger.add({ ...authorization(id, 0), counted: [], repeats: String(first) });
        },
      },
    ],
    [
      'asked for by what is the workload in another way',
      {
        between: (ledger) => ledger.add(policy(2, sha256(policyText()), grouped)),
        policies: [policyText(), grouped],
        over: { policy: sha256(grouped), peer: { pid: 42, uid: 1002, gid: 1002, exe: '' } },
      },
    ],
    ['a moment before it expires', { warrant: { expiresAt: iso(Date.parse('2026-03-01T10:00:00.051Z')) } }],
  ])('is entitled: %s', async (_name, made) => {
    expect(await entitled(made)).toEqual([]);
  });

  it('that repeats the bytes of an earlier one is no further use', async () => {
    const ledger = running();
    const warrant = attestation(ledger.time, { scope: { uses: 1 } });
    ledger.add(warrant);
    const first = use(ledger, warrant.id);
    ledger.add({ ...authorization(warrant.id, 0), counted: [], repeats: String(first) });
    expect(await found(ledger)).toEqual([]);
  });
});

function use(ledger: LedgerWriter, id: string): number {
  return ledger.add(authorization(id, 0));
}

const second = policyText(2).replace('epoch: 1', 'epoch: 2');
const newEpoch = (ledger: LedgerWriter) => ledger.add(policy(2, sha256(policyText()), second));

describe('an authorization is found that', () => {
  it.each<[string, Case, string | RegExp]>([
    ['names a policy that was not in force', { over: { policy: 'ab'.repeat(32) } }, /^it names policy abab/],
    [
      'names a policy that is in force no more',
      {
        between: (ledger) => ledger.add(policy(2, sha256(policyText()))),
        policies: [policyText(), policyText(2)],
      },
      /^it names policy .* was in force$/,
    ],
    [
      'names a key the policy does not have',
      {
        warrant: { keys: [{ id: 'trading-9', publicKey: TRADING_KEY.address }] },
        over: { key: 'trading-9' },
      },
      'the policy has no such key, or another public key',
    ],
    [
      'names another public key than the policy',
      {
        warrant: { keys: [{ id: 'trading-1', publicKey: STRANGER.address }] },
        over: { publicKey: STRANGER.address },
      },
      'the policy has no such key, or another public key',
    ],
    [
      'the policy does not grant to the workload',
      { warrant: { workload: OTHER }, over: { workload: OTHER } },
      'the policy does not grant the key to this workload',
    ],
    ['fell into a freeze of all', { between: (ledger) => ledger.add(freeze()) }, /^the key was frozen by/],
    [
      'fell into a freeze of its key',
      { between: (ledger) => ledger.add(freeze(trading)) },
      /^the key was frozen by/,
    ],
    ['used a retired key', { between: (ledger) => ledger.add(keyEntry('retire')) }, 'the key was retired'],
    [
      'used a latched key',
      { between: (ledger) => ledger.add(keyEntry('latch')) },
      'the key was latched after a faulty signature',
    ],
    [
      'names an approval, though no statement is one',
      { over: { approval: 'ab'.repeat(16) } },
      'it names an approval, and there is no such statement',
    ],
    [
      'is for anything but a transaction',
      { over: { purpose: 'vote' } },
      'its purpose is vote, and nothing signs one',
    ],
    [
      'was asked for by another user than the workload is',
      { over: { peer: { pid: 42, uid: 0, gid: 1001, exe: '/opt/trader/bin/trader' } } },
      'its peer is not one that the policy takes for this workload',
    ],
    [
      'was asked for by another group than the workload is',
      {
        between: (ledger) => ledger.add(policy(2, sha256(policyText()), grouped)),
        policies: [policyText(), grouped],
        over: { policy: sha256(grouped), peer: { pid: 42, uid: 1002, gid: 1001, exe: '' } },
      },
      'its peer is not one that the policy takes for this workload',
    ],
    ['names no attestation', { over: { attestation: 'ff' } }, 'no attestation ff stands before it'],
    [
      'names the attestation of another workload',
      { warrant: { workload: OTHER } },
      'the attestation is for another workload',
    ],
    [
      'names an attestation for another key id',
      { warrant: { keys: [{ id: 'trading-2', publicKey: TRADING_KEY.address }] } },
      'the attestation does not open this key',
    ],
    [
      'names an attestation for another public key',
      { warrant: { keys: [{ id: 'trading-1', publicKey: STRANGER.address }] } },
      'the attestation does not open this key',
    ],
    [
      'names an attestation that expired at that moment',
      { warrant: { expiresAt: iso(Date.parse('2026-03-01T10:00:00.050Z')) } },
      'the attestation had expired',
    ],
    [
      'names one that expired two days ago',
      { between: (ledger) => void (ledger.time += 2 * 86_400_000) },
      'the attestation had expired',
    ],
    [
      'names one that expired within the day, when another was accepted since',
      {
        between: (ledger) => {
          ledger.time += 86_400_000;
          ledger.add(attestation(ledger.time));
        },
      },
      'the attestation had expired',
    ],
    [
      'names a revoked attestation',
      { between: (ledger, id) => ledger.add({ type: 'revocation', attestation: id, reason: 'x', by }) },
      'the attestation was revoked',
    ],
    [
      'names an attestation that was revoked before it was accepted',
      { before: (ledger, id) => ledger.add({ type: 'revocation', attestation: id, reason: 'x', by }) },
      'the attestation was revoked',
    ],
    [
      'names an attestation of a revoked workload',
      { between: (ledger) => ledger.add({ type: 'revocation', workload: WORKLOAD, reason: 'x', by }) },
      'the attestation was revoked',
    ],
    [
      'names one that was issued at the moment its workload was revoked, and accepted later',
      { before: (ledger) => ledger.add({ type: 'revocation', workload: WORKLOAD, reason: 'x', by }) },
      'the attestation was revoked',
    ],
    [
      'names one from before an accepted rollback',
      { between: (ledger) => ledger.add(acceptance(ledger.time, headOf(ledger.lines))) },
      'the attestation was revoked',
    ],
    [
      'names one of an epoch that is over',
      { between: newEpoch, policies: [policyText(), second], over: { policy: sha256(second) } },
      'the attestation is of epoch 1, which was over',
    ],
    [
      'goes beyond its uses',
      { warrant: { scope: { uses: 1 } }, between: (ledger, id) => void use(ledger, id) },
      'the attestation was good for 1 uses',
    ],
    [
      'is for another message than the attestation',
      { warrant: { scope: { message: 'ab'.repeat(32) } } },
      'the attestation is for one other message',
    ],
    ['holds bytes that are no message', { over: { message: 'AAAA' } }, /^the message cannot be read: /],
    [
      'holds a message in which the key is not a signer',
      { over: { message: transferMessage(STRANGER.address, TRADING_KEY.address, 1n, 0).toString('base64') } },
      'the key is no signer of the message',
    ],
    [
      'names a public key that is none',
      {
        warrant: { keys: [{ id: 'trading-9', publicKey: TRADING_KEY.address }] },
        over: { key: 'trading-9', publicKey: '1'.repeat(44) },
      },
      'the key is no signer of the message',
    ],
  ])('%s', async (_name, made, expected) => {
    const damages = await entitled(made);
    expect(damages.at(-1) ?? 'nothing').toMatch(expected);
    // A public key of nobody is also one that no attestation opens.
    if (made.over?.publicKey !== '1'.repeat(44)) expect(damages).toHaveLength(1);
  });
});

describe('a freeze', () => {
  it.each([
    ['a key that the policy does not have', { key: 'trading-9', publicKey: TRADING_KEY.address }],
    ['another public key than it says', { key: 'trading-1', publicKey: LEDGER_KEY.address }],
  ])('of %s is found', async (_name, subject) => {
    const ledger = running();
    ledger.add(freeze(subject));
    expect(await found(ledger)).toEqual(['authority 3: the policy has no such key, or another public key']);
  });
});
