const FIRST_MS = 50;
const LONGEST_MS = 2000;

/**
 * How long to wait before attempt `attempt` (from 1) to connect again, in milliseconds: doubling from 50 ms to 2 s,
 * each between half and all of it, so that agents that lost one daemon together do not come back together. `random`
 * is in [0, 1).
 */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
