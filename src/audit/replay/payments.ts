import { z } from 'zod';
import type { JsonValue } from '../../core/canonical-json.js';

/** What one account was sent, as it counts against limits per destination. Base units. */
export interface Payment {
  readonly unit: string;
  /** Base58. */
  readonly destination: string;
  readonly amount: bigint;
}

const debit = z.object({
  asset: z.string(),
  amount: z.string().regex(/^(0|[1-9]\d{0,29})$/),
  destination: z.string().exactOptional(),
  counted: z.literal(false).exactOptional(),
});
const effects = z.array(z.object({ debits: z.array(debit).exactOptional() }));

/**
 * The debits in the `effects` of an authorization that are spend and that somebody received. Null when they cannot be
 * read: a payment that is left out is a limit passed.
 */
export function paymentsOf(recorded: readonly JsonValue[]): readonly Payment[] | null {
  const read = effects.safeParse(recorded);
  if (!read.success) return null;
  return read.data.flatMap(({ debits = [] }) =>
    debits.flatMap(({ asset, amount, destination, counted }) =>
      destination === undefined || counted === false
        ? []
        : [{ unit: asset, destination, amount: BigInt(amount) }],
    ),
  );
}
