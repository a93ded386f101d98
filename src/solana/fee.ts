import type { Pubkey } from '../core/pubkey.js';
import type { FeeBound } from './assessment.js';
import type { Message } from './message.js';
import { PROGRAM_IDS } from './program-names.js';

/** What the chain takes today for each signature. */
export const LAMPORTS_PER_SIGNATURE = 5000n;
const MAX_UNITS = 1_400_000n;
const DEFAULT_UNITS_PER_INSTRUCTION = 200_000n;
const MICRO_LAMPORTS = 1_000_000n;

/** Cost model of agave, all from above: 64 MiB of loaded data at 8 units per 32 KiB page. */
const LOADED_DATA_COST = 16_384n;
const SIGNATURE_COST = 720n;
const WRITE_LOCK_COST = 300n;
/** The dearest precompile signature (secp256k1). */
const PRECOMPILE_COST = 6_690n;
/** The draft's own base (SIMD-0553), to which half of the cost is added. */
const DRAFTED_BASE = 2500n;

/** No bound is lower: of one signature, one account, and units of 0. */
export const LEAST_FEE_BOUND = DRAFTED_BASE + (LOADED_DATA_COST + SIGNATURE_COST + WRITE_LOCK_COST) / 2n;

/**
 * The most lamports the chain can take as a fee, whether the transaction succeeds or fails. The base is the
 * larger of today's 5000 a signature and the drafted 2500 + half the cost units (SIMD-0553), so that a change
 * of the fee does not break the bound. Priority: legacy and v0 price × unit limit, rounded up; v1 the header's
 * lamports, where ComputeBudget instructions configure nothing.
 *
 * Sound for malformed ComputeBudget data too (the greatest price and limit found are taken): those transactions
 * are refused, but the refusal should still say what they could have cost.
 */
export function feeBound(message: Message, key: Pubkey): FeeBound {
  const budget = readBudget(message);
  const signatures = BigInt(message.signatures + budget.precompileSignatures);
  const lookups = message.lookups.reduce((sum, lookup) => sum + lookup.writable.length, 0);
  const cost =
    budget.units +
    LOADED_DATA_COST +
    SIGNATURE_COST * BigInt(message.signatures) +
    PRECOMPILE_COST * BigInt(budget.precompileSignatures) +
    WRITE_LOCK_COST * BigInt(message.accounts.length + lookups) +
    BigInt(message.bytes.length >> 2);
  const today = LAMPORTS_PER_SIGNATURE * signatures;
  const drafted = DRAFTED_BASE + (cost + 1n) / 2n;
  const base = today > drafted ? today : drafted;
  const payer = message.accounts[0] === key;
  const { priority, units, unitsSet, price } = budget;
  return {
    payer,
    base,
    priority,
    lamports: payer ? base + priority : 0n,
    signatures,
    units,
    unitsSet,
    price,
  };
}

interface Budget {
  readonly units: bigint;
  readonly unitsSet: boolean;
  readonly price: bigint | null;
  /** Lamports. */
  readonly priority: bigint;
  readonly precompileSignatures: number;
}

function readBudget(message: Message): Budget {
  let limit: number | null = null;
  let price = 0n;
  let precompileSignatures = 0;
  for (const { program, data } of message.instructions) {
    if (program === PROGRAM_IDS['compute-budget']) {
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      if (data[0] === 2 && data.length >= 5) limit = Math.max(limit ?? 0, view.getUint32(1, true));
      if (data[0] === 3 && data.length >= 9) {
        const found = view.getBigUint64(1, true);
        if (found > price) price = found;
      }
    } else if (isPrecompile(program)) {
      // The first byte counts the signatures to verify; each costs as much as a transaction signature.
      precompileSignatures += data[0] ?? 0;
    }
  }
  if (message.version === 1) {
    const units = message.config?.computeUnitLimit;
    return {
      units: units === undefined ? MAX_UNITS : atMost(BigInt(units), MAX_UNITS),
      unitsSet: units !== undefined,
      price: null,
      priority: message.config?.priorityFee ?? 0n,
      precompileSignatures,
    };
  }
  const asked =
    limit === null ? DEFAULT_UNITS_PER_INSTRUCTION * BigInt(message.instructions.length) : BigInt(limit);
  const units = atMost(asked, MAX_UNITS);
  const priority = (price * units + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return { units, unitsSet: limit !== null, price, priority, precompileSignatures };
}

function isPrecompile(program: Pubkey): boolean {
  return (
    program === PROGRAM_IDS.ed25519 || program === PROGRAM_IDS.secp256k1 || program === PROGRAM_IDS.secp256r1
  );
}

function atMost(value: bigint, limit: bigint): bigint {
  return value < limit ? value : limit;
}
