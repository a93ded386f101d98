/** Bounds of what the chain accepts, checked before anything is allocated. */

/** Legacy and v0: a transaction fits one IPv6 packet. */
export const MAX_TRANSACTION_BYTES = 1232;
/** v1 (SIMD-0385). */
export const MAX_V1_TRANSACTION_BYTES = 4096;
export const MAX_V1_SIGNATURES = 12;
export const MAX_V1_ACCOUNTS = 64;
/** Static and loaded accounts together: an index is one byte. */
export const MAX_ACCOUNTS = 256;
/** SIMD-0160; also the bound on instructions hidden in a Batch, counted with the outer ones. */
export const MAX_INSTRUCTIONS = 64;
export const SIGNATURE_BYTES = 64;
