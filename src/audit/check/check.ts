import type { Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';

/** Looks at every entry in order; each check keeps only the state its own question needs. */
export interface Check {
  see(step: Step, report: (problem: Problem) => void): void;
}
