import type { DiskStep } from '../ledger-disk.js';

export const SECTOR = 512;

/** The sectors that a write touches, as ranges of its bytes. */
export function sectorsOf(
  step: DiskStep & { op: 'write' },
): { readonly from: number; readonly to: number }[] {
  const cuts: number[] = [0];
  for (let at = SECTOR - (step.position % SECTOR); at < step.bytes.length; at += SECTOR) cuts.push(at);
  cuts.push(step.bytes.length);
  return cuts.slice(1).map((to, index) => ({ from: cuts[index]!, to }));
}
