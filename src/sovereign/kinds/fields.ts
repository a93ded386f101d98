import { z } from 'zod';
import { parseTime } from '../../core/clock.js';
import { NAME } from '../../core/name.js';
import { originName } from '../../core/origin.js';
import { parseAddress } from '../../core/pubkey.js';
import { parseSpiffeId } from '../../core/spiffe-id.js';

/** Field schemas that several kinds share. Everything stays text, so that what was read can be built again. */

export const time = z
  .string()
  .refine((text) => parseTime(text) !== null, 'expected RFC 3339 in UTC, as 2026-01-31T12:00:00Z');

export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

export const address = z
  .string()
  .refine((text) => parseAddress(text) !== null, 'expected the base58 of a 32-byte public key');

/** Base units, decimal, within u64. */
export const baseUnits = z
  .string()
  .refine(
    (text) => /^(0|[1-9]\d{0,19})$/.test(text) && BigInt(text) <= 0xffff_ffff_ffff_ffffn,
    'expected a decimal number of base units of at most 64 bits',
  );

export const serial = z.int().positive();

/** Names of keys, assets and programs in the policy. */
export const name = z.string().regex(NAME, 'expected a name of the policy');

export const workload = z
  .string()
  .refine((text) => parseSpiffeId(text) !== null, 'expected a SPIFFE ID, as spiffe://example.org/trader');

/**
 * What every payload begins with. `id` is 128 random bits and is consumed once; `signer` is the ledger's origin;
 * `reason` is free text without control or direction-changing characters.
 */
export const common = {
  signer: z
    .string()
    .refine((text) => originName(text) !== null, 'expected chancery.local/<name>/<16 hex digits>'),
  id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hex digits'),
  epoch: z.int().positive(),
  issuedAt: time,
  expiresAt: time.optional(),
  reason: z
    .string()
    .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,256}$/u, 'expected 1 to 256 printable characters')
    .optional(),
};

/** Refuses a list in which something stands twice. */
export function distinct<Item>(key: (item: Item) => string): (items: readonly Item[]) => boolean {
  return (items) => new Set(items.map(key)).size === items.length;
}
