import type { Policy } from '../../policy/policy.js';
import type { AttestationView, PolicyState } from '../../policy/policy-state.js';
import type { Asked } from './judge-again.js';

/** How far the later of the daemon's clocks was ahead of an entry's time at most: beyond it nothing is decided. */
const CLOCKS_APART_MS = 5000;

const MINUTE = 60_000;

/** What a decision rested on and no entry holds. */
export interface Unrecorded {
  /** The later of the daemon's clocks (ms), by which something may have ended before it ended by the entry's time. */
  readonly now: number;
  /** Keys (base58) that the connection had proved. */
  readonly possessed: ReadonlySet<string>;
}

/**
 * How it may have been, first what is taken for granted: the clock that the entry has, and every key proved that an
 * attestation names. A refusal that any of the others bears out was right. What is refused where some of the keys were
 * proved is refused for the same reasons where only that of the nearest attestation was, or none: with fewer keys the
 * others only come to lie further off. So no more than one at a time need be tried.
 */
export function unrecorded(
  { key: id, workload }: Pick<Asked, 'key' | 'workload'>,
  policy: Policy,
  state: PolicyState,
  time: number,
): readonly [Unrecorded, ...Unrecorded[]] {
  const key = policy.keys.get(id);
  const live = key === undefined ? [] : state.attestations(workload, key.address, time);
  const named = new Set(live.flatMap(({ possession }) => possession ?? []));
  const later = endings(live, key?.attestation.maxAge ?? 0, time);
  const proved = named.size === 0 ? [] : [new Set<string>(), ...[...named].map((one) => new Set([one]))];
  return [
    { now: time, possessed: named },
    ...[named, ...proved]
      .flatMap((possessed) => [time, ...later].map((now) => ({ now, possessed })))
      .slice(1),
  ];
}

/**
 * Every moment, as far as the clocks may part, at which the answer may become another one: an attestation ends or grows
 * too old, or a minute begins, with which hours may end. Of two that end one after the other, the last moment alone
 * would say that neither was left.
 */
function endings(live: readonly AttestationView[], maxAge: number, time: number): readonly number[] {
  const moments = live.flatMap(({ expiresAt, issuedAt, challenge }) => [
    expiresAt,
    issuedAt + maxAge + 1,
    ...(challenge === undefined ? [] : [challenge.time + maxAge + 1]),
  ]);
  moments.push(Math.ceil(time / MINUTE) * MINUTE);
  return [...new Set(moments)].filter((moment) => moment > time && moment <= time + CLOCKS_APART_MS);
}
