import { chainFault, type Fault, type Line } from '../chain.js';
import { bodyFault } from './body-fault.js';
import type { Fold } from './fold.js';

/**
 * Folds the line that comes next; why it cannot come there when it cannot, and then `fold` is of no more use. An entry
 * that lacks what its kind has makes the fold throw: no ledger wrote it, whatever its hash says, and who reads must hear
 * of damage and not of a defect that may be gone at the next attempt.
 */
export function foldLine(fold: Fold, line: Line): Fault | null {
  const chain = chainFault(fold, line);
  if (chain !== null) return chain;
  try {
    const body = bodyFault(fold, line.entry);
    if (body !== null) return { kind: 'body', message: body };
    fold.apply(line);
    return null;
  } catch {
    return { kind: 'body', message: `what a ${line.entry.type} entry has is missing or of another form` };
  }
}
