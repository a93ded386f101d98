import type { JsonValue } from '../../core/canonical-json.js';
import type { AuthorizationBody } from '../entries.js';

/** What one account was sent, as it counts against limits. Base units. */
export interface Payment {
  readonly unit: string;
  /** Base58. */
  readonly destination: string;
  readonly amount: bigint;
}

const DECIMAL = /^(0|[1-9]\d{0,29})$/;

/** A canonical decimal amount of at most 30 digits; null when it is not one. */
export function readAmount(text: JsonValue | undefined): bigint | null {
  return typeof text === 'string' && DECIMAL.test(text) ? BigInt(text) : null;
}

/**
 * The debits of an authorization that somebody received and that are spend (`counted` is not false), whether it
 * is a repeat or not. Null when a debit cannot be read: a payment must never be left out in silence.
 */
export function readPayments(body: AuthorizationBody): readonly Payment[] | null {
  const payments: Payment[] = [];
  for (const effect of body.effects) {
    const debits = field(effect, 'debits');
    if (debits === undefined) continue;
    if (!isList(debits)) return null;
    for (const debit of debits) {
      const unit = field(debit, 'asset');
      const amount = readAmount(field(debit, 'amount'));
      const destination = field(debit, 'destination');
      const counted = field(debit, 'counted');
      if (typeof unit !== 'string' || amount === null) return null;
      if (counted !== undefined && counted !== false) return null;
      if (destination === undefined || counted === false) continue;
      if (typeof destination !== 'string') return null;
      payments.push({ unit, destination, amount });
    }
  }
  return payments;
}

function field(value: JsonValue, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
