import { z } from 'zod';
import type { JsonValue } from '../../core/canonical-json.js';

/** What an instruction can take, as the `effects` of an authorization record it. */
export interface RecordedDebit {
  readonly asset: string;
  /** Base units. */
  readonly amount: bigint;
  readonly reason: string;
  /** Base58 of who receives it, if somebody does. */
  readonly destination?: string;
}

const debit = z.object({
  asset: z.string(),
  amount: z.string().regex(/^(0|[1-9]\d{0,29})$/),
  reason: z.string().exactOptional(),
  destination: z.string().exactOptional(),
  counted: z.literal(false).exactOptional(),
});
const effectsSchema = z.array(z.object({ debits: z.array(debit).exactOptional() }));

/** Whether every debit can be read: one left out is a limit passed. */
export function areReadable(effects: readonly JsonValue[]): boolean {
  return effectsSchema.safeParse(effects).success;
}

/** The debits that are spend, of effects that can be read. */
export function countedDebits(effects: readonly JsonValue[]): readonly RecordedDebit[] {
  return effectsSchema
    .parse(effects)
    .flatMap(({ debits = [] }) =>
      debits.flatMap(({ counted, amount, reason = '', ...rest }) =>
        counted === false ? [] : [{ ...rest, reason, amount: BigInt(amount) }],
      ),
    );
}
