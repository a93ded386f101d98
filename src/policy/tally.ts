import type { Pubkey } from '../core/pubkey.js';
import type { KeyPolicy, LimitScope, RateWindow } from './policy.js';
import { heldUnder, type Meters, type Subject } from './policy-state.js';

/** Unit of the meter that counts transactions. */
export const TRANSACTIONS_UNIT = 'transactions';

/** What a request would add to the meters, and for whom. */
export interface Request {
  /** By unit, in base units. */
  readonly amounts: ReadonlyMap<string, bigint>;
  /** What goes where: the part of `amounts` that somebody receives. */
  readonly payments: readonly Payment[];
  /** Base58 of who is paid, worked out once however many limits ask. */
  readonly addressOf: (destination: Pubkey) => string;
  /** Who asks; null when nobody does and only the figures are wanted. */
  readonly workload: string | null;
}

export interface Payment {
  readonly unit: string;
  readonly destination: Pubkey;
  readonly amount: bigint;
}

/** One limit or rate as it stands for one request. Base units. */
export interface Tally {
  readonly rule: string;
  readonly unit: string;
  readonly window: RateWindow;
  readonly max: bigint;
  /** Null when the state keeps no meter for it: then nothing more may be counted. */
  readonly spent: bigint | null;
  readonly requested: bigint;
  /** Base58, when the limit is about one destination. */
  readonly destination: string | null;
  /** SPIFFE ID, when the limit is about one workload. */
  readonly workload: string | null;
  /** When (ms) `room` would be free, if ever; asked only when a refusal is written. */
  readonly drainsTo: (room: bigint) => number | null;
}

/** What narrows a limit to a part of what the key does. */
type About = Pick<Tally, 'destination' | 'workload'>;

const NOBODY: About = { destination: null, workload: null };

interface Rule {
  readonly rule: string;
  readonly unit: string;
  readonly window: RateWindow;
  readonly max: bigint;
  readonly scope: LimitScope;
}

/** One mechanism for spend, counts and rates: a subject, a unit, a window. */
export function tallies(
  rule: Rule,
  key: KeyPolicy,
  meters: Meters,
  now: number,
  request: Request,
): readonly Tally[] {
  const { scope, unit, window } = rule;
  switch (scope.kind) {
    case 'key': {
      const { address } = key;
      const spent = meters.spent(address, unit, window, now);
      const drainsTo = (room: bigint): number | null => meters.drainsTo(address, unit, window, room, now);
      return [tally(rule, spent, request.amounts.get(unit) ?? 0n, NOBODY, drainsTo)];
    }
    case 'workload': {
      const { workload } = request;
      if (workload === null || (scope.workload !== 'each' && scope.workload !== workload)) return [];
      const subject: Subject = { kind: 'workload', publicKey: key.address, workload };
      const requested = request.amounts.get(unit) ?? 0n;
      return [below(rule, meters, now, [subject], requested, { destination: null, workload })];
    }
    case 'destination': {
      const { destination } = scope;
      if (destination === 'each') return toEach(rule, key, meters, now, request);
      let requested = 0n;
      for (const payment of request.payments) {
        if (payment.unit === unit && destination.accounts.has(payment.destination)) {
          requested += payment.amount;
        }
      }
      const about = { destination: destination.address, workload: null };
      return [below(rule, meters, now, destination.subjects, requested, about)];
    }
  }
}

/** A tally for each account that receives something of the unit. */
function toEach(rule: Rule, key: KeyPolicy, meters: Meters, now: number, request: Request): readonly Tally[] {
  const received = new Map<Pubkey, bigint>();
  for (const { unit, destination, amount } of request.payments) {
    if (unit === rule.unit) received.set(destination, (received.get(destination) ?? 0n) + amount);
  }
  return [...received].map(([account, amount]) => {
    const address = request.addressOf(account);
    const about = { destination: address, workload: null };
    return below(rule, meters, now, [receiver(key.address, address)], amount, about);
  });
}

/** Both base58. */
export function receiver(publicKey: string, destination: string): Subject {
  return { kind: 'destination', publicKey, destination };
}

/** Field by field: a spread of the rule was the dearest thing in a decision. */
function tally(
  { rule, unit, window, max }: Rule,
  spent: bigint | null,
  requested: bigint,
  { destination, workload }: About,
  drainsTo: Tally['drainsTo'],
): Tally {
  const held = heldUnder(max, spent);
  return { rule, unit, window, max, spent: held, requested, destination, workload, drainsTo };
}

/** The sum over several subjects. */
function below(
  rule: Rule,
  meters: Meters,
  now: number,
  subjects: readonly Subject[],
  requested: bigint,
  about: About,
): Tally {
  let spent: bigint | null = 0n;
  for (const subject of subjects) {
    const held = meters.spentBy?.(subject, rule.unit, rule.window, now) ?? null;
    spent = spent === null || held === null ? null : spent + held;
  }
  const drainsTo = (room: bigint): number | null => allDrained(rule, meters, now, subjects, room);
  return tally(rule, spent, requested, about, drainsTo);
}

/** Of several subjects that hold something, the sum is known to have drained when all of them are empty. */
function allDrained(
  { unit, window }: Rule,
  meters: Meters,
  now: number,
  subjects: readonly Subject[],
  room: bigint,
): number | null {
  if (room < 0n) return null;
  const filled = subjects.filter((subject) => (meters.spentBy?.(subject, unit, window, now) ?? 0n) > 0n);
  const each = filled.length > 1 ? 0n : room;
  const times = filled.map((subject) => meters.drainsToBy?.(subject, unit, window, each, now) ?? null);
  return times.reduce<number | null>(
    (latest, time) => (latest === null || time === null ? null : Math.max(latest, time)),
    now,
  );
}
