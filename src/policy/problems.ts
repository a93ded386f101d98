import type { z } from 'zod';
import { ChanceryError } from '../core/errors.js';
import { findingText, pathText, placeOf } from '../core/schema.js';

export type Path = readonly PropertyKey[];

const MAX_SHOWN = 50;

/** Everything wrong with a policy, each with its path and line, so that one reading mends it all. */
export class Problems {
  readonly #lineOf: (path: Path) => number;
  readonly #found: string[] = [];

  constructor(lineOf: (path: Path) => number) {
    this.#lineOf = lineOf;
  }

  add(path: Path, message: string, place = path): void {
    const line = `line ${String(this.#lineOf(place))}`;
    const where = path.length > 0 ? `${pathText(path)} (${line}): ` : place.length > 0 ? `${line}: ` : '';
    this.#found.push(where + message);
  }

  /** The findings of the shape. */
  addIssues(issues: readonly z.core.$ZodIssue[], base: Path = []): void {
    for (const issue of issues) {
      const path = [...base, ...issue.path];
      const branch = issue.code === 'invalid_union' ? closestBranch(issue.errors) : null;
      if (branch === null) this.add(path, findingText(issue), [...base, ...placeOf(issue)]);
      else this.addIssues(branch, path);
    }
  }

  /** Throws POLICY_INVALID with all of them, one a line, when there are any. */
  check(): void {
    if (this.#found.length > 0) this.fail();
  }

  /** The same, when it is known that there are some. */
  fail(): never {
    const shown = this.#found.slice(0, MAX_SHOWN);
    const more = this.#found.length - shown.length;
    if (more > 0) shown.push(`and ${String(more)} more`);
    throw new ChanceryError('POLICY_INVALID', shown.join('\n'));
  }
}

/** The alternative that was meant: the one whose fault lies deeper than its kind of value. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | null {
  const deeper = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return deeper[0] ?? null;
}
