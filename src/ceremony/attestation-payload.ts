import { formatTime } from '../core/clock.js';
import { formatDuration } from '../core/duration.js';
import { parseAmount, toBaseUnits } from '../core/amount.js';
import { ChanceryError } from '../core/errors.js';
import { parseAddress } from '../core/pubkey.js';
import { quote } from '../core/schema.js';
import type { KeyPolicy, Policy } from '../policy/policy.js';
import { buildPayload, type PayloadFields } from '../sovereign/build-payload.js';
import { newStatementId } from './sign-statement.js';

export interface AttestationWish {
  /** SPIFFE ID. */
  readonly workload: string;
  /** Key ids of the policy. */
  readonly keys: readonly string[];
  /** Milliseconds; the shorter of 30 minutes and what the keys allow, when absent. */
  readonly ttl?: number | undefined;
  readonly reason?: string | undefined;
  /** Base58. */
  readonly possession?: string | undefined;
  /** A head of the ledger. */
  readonly challenge?: { readonly size: number; readonly root: string } | undefined;
  readonly uses?: number | undefined;
  /** `0.1 SOL`: at most so much a transaction. */
  readonly most?: readonly string[] | undefined;
  readonly destinations?: readonly string[] | undefined;
  readonly programs?: readonly string[] | undefined;
}

const DEFAULT_TTL_MS = 30 * 60_000;

/**
 * What an attestation's authorities sign. Refuses here what the daemon would refuse later, so that nobody signs in
 * vain: throws USAGE (a key or workload the policy does not have, longer than a key allows, an amount or address that
 * is none, a program that no key may call: signed, it would open nothing).
 */
export function attestationPayload(policy: Policy, wish: AttestationWish, now: number): Uint8Array {
  const keys = wish.keys.map((id) => grantedKey(policy, id, wish.workload));
  const longest = Math.min(...keys.map(({ attestation }) => attestation.maxAge));
  const ttl = wish.ttl ?? Math.min(DEFAULT_TTL_MS, longest);
  if (ttl > longest) {
    throw usage(`${formatDuration(ttl)} is longer than the ${formatDuration(longest)} the policy allows`);
  }
  for (const { id, attestation } of keys) {
    if (attestation.possession === 'required' && wish.possession === undefined) {
      throw usage(`key ${id} requires a possession key`, 'give it with --possession');
    }
  }
  requireAddresses(wish);
  requirePrograms(keys, wish.programs ?? []);
  const scope = scopeOf(policy, wish);
  return buildPayload('attestation', {
    signer: policy.signer,
    id: newStatementId(),
    epoch: policy.sovereign.epoch,
    issuedAt: formatTime(now),
    expiresAt: formatTime(now + ttl),
    workload: wish.workload,
    keys: keys.map(({ id, address }) => ({ id, publicKey: address })),
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
    ...(wish.possession === undefined ? {} : { possession: wish.possession }),
    ...(wish.challenge === undefined ? {} : { ledger: wish.challenge }),
    ...(scope === null ? {} : { scope }),
  });
}

/** Whether any of these keys asks for a challenge. */
export function needsChallenge(policy: Policy, keys: readonly string[]): boolean {
  return keys.some((id) => policy.keys.get(id)?.attestation.challenge === 'required');
}

function requireAddresses({ destinations = [], possession }: AttestationWish): void {
  for (const text of possession === undefined ? destinations : [...destinations, possession]) {
    if (parseAddress(text) === null)
      throw usage(`${quote(text)} is no public key`, 'expected is base58 of 32 bytes');
  }
}

function requirePrograms(keys: readonly KeyPolicy[], names: readonly string[]): void {
  for (const name of names) {
    if (keys.some(({ programs }) => programs.has(name))) continue;
    const allowed = [...new Set(keys.flatMap(({ programs }) => [...programs]))].join(', ');
    throw usage(
      `no key of this attestation may call program ${quote(name)}`,
      allowed === '' ? 'the policy lets them call none' : `the policy lets them call ${allowed}`,
    );
  }
}

function grantedKey(policy: Policy, id: string, workload: string): KeyPolicy {
  const key = policy.keys.get(id);
  if (key === undefined) {
    throw usage(`the policy has no key ${quote(id)}`, `it has ${[...policy.keys.keys()].join(', ')}`);
  }
  if (!key.workloads.has(workload)) {
    const granted = [...key.workloads].join(', ');
    throw usage(
      `the policy does not grant key ${id} to ${quote(workload)}`,
      granted === '' ? 'it grants it to nobody' : `it grants it to ${granted}`,
    );
  }
  return key;
}

type Scope = NonNullable<PayloadFields<'attestation'>['scope']>;

function scopeOf(policy: Policy, { uses, most, destinations, programs }: AttestationWish): Scope | null {
  const scope: Scope = {
    ...(uses === undefined ? {} : { uses }),
    ...(most === undefined ? {} : { limits: most.map((text) => limitOf(policy, text)) }),
    ...(destinations === undefined ? {} : { destinations: [...destinations] }),
    ...(programs === undefined ? {} : { programs: [...programs] }),
  };
  return Object.keys(scope).length === 0 ? null : scope;
}

function limitOf(policy: Policy, text: string): { asset: string; perTransaction: string } {
  const amount = parseAmount(text);
  const asset = amount === null ? undefined : policy.assets.get(amount.unit);
  const units = amount === null || asset === undefined ? null : toBaseUnits(amount, asset.decimals);
  if (asset === undefined || units === null) {
    throw usage(`${quote(text)} is no amount of an asset of the policy`, 'as in "0.1 SOL"');
  }
  return { asset: asset.name, perTransaction: units.toString() };
}

function usage(message: string, hint?: string): ChanceryError {
  return new ChanceryError('USAGE', message, { hint });
}
