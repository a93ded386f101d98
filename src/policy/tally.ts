import { toAddress, type Pubkey } from '../core/pubkey.js';
import type { KeyPolicy, LimitScope, RateWindow } from './policy.js';
import type { Meters, Subject } from './policy-state.js';

/** Unit of the meter that counts transactions. */
export const TRANSACTIONS_UNIT = 'transactions';

/** What a request would add to the meters, and for whom. */
export interface Request {
  /** By unit, in base units. */
  readonly amounts: ReadonlyMap<string, bigint>;
  /** What goes where: the part of `amounts` that somebody receives. */
  readonly payments: readonly Payment[];
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
  /** When (ms) `room` would be free, if ever; asked only when a refusal is written. */
  readonly drainsTo: (room: bigint) => number | null;
}

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
    case 'key':
      return [
        {
          ...rule,
          spent: meters.spent(key.address, unit, window, now),
          requested: request.amounts.get(unit) ?? 0n,
          destination: null,
          drainsTo: (room) => meters.drainsTo(key.address, unit, window, room, now),
        },
      ];
    case 'workload': {
      const { workload } = request;
      if (workload === null || (scope.workload !== 'each' && scope.workload !== workload)) return [];
      const subject: Subject = { kind: 'workload', publicKey: key.address, workload };
      const requested = request.amounts.get(unit) ?? 0n;
      return [below(rule, meters, now, [subject], requested, null)];
    }
    case 'destination': {
      if (scope.destination !== 'each') {
        const { address, accounts } = scope.destination;
        return [toAccounts(rule, key, meters, now, request, accounts, address)];
      }
      const receivers = new Set(paid(request, unit).map(({ destination }) => destination));
      return [...receivers].map((account) =>
        toAccounts(rule, key, meters, now, request, [account], toAddress(account)),
      );
    }
  }
}

function paid(request: Request, unit: string): readonly Payment[] {
  return request.payments.filter((payment) => payment.unit === unit);
}

function toAccounts(
  rule: Rule,
  key: KeyPolicy,
  meters: Meters,
  now: number,
  request: Request,
  accounts: readonly Pubkey[],
  address: string,
): Tally {
  const subjects = accounts.map((account): Subject => {
    return { kind: 'destination', publicKey: key.address, destination: toAddress(account) };
  });
  const requested = paid(request, rule.unit)
    .filter(({ destination }) => accounts.includes(destination))
    .reduce((sum, { amount }) => sum + amount, 0n);
  return below(rule, meters, now, subjects, requested, address);
}

/** The sum over several subjects. Of several that hold something, it drains when all of them are empty. */
function below(
  rule: Rule,
  meters: Meters,
  now: number,
  subjects: readonly Subject[],
  requested: bigint,
  destination: string | null,
): Tally {
  const { unit, window } = rule;
  const held = subjects.map((subject) => ({
    subject,
    spent: meters.spentBy?.(subject, unit, window, now) ?? null,
  }));
  const known = held.every(({ spent }) => spent !== null);
  const filled = held.filter(({ spent }) => spent !== null && spent > 0n);
  return {
    ...rule,
    spent: known ? held.reduce((sum, { spent }) => sum + (spent ?? 0n), 0n) : null,
    requested,
    destination,
    drainsTo: (room) => {
      if (room < 0n) return null;
      const each = filled.length > 1 ? 0n : room;
      const times = filled.map(
        ({ subject }) => meters.drainsToBy?.(subject, unit, window, each, now) ?? null,
      );
      return times.reduce<number | null>(
        (latest, time) => (latest === null || time === null ? null : Math.max(latest, time)),
        now,
      );
    },
  };
}
