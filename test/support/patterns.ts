import { expect } from 'vitest';

/**
 * A pattern inside `toMatchObject` must match the text it stands for. By itself the matcher compares the own
 * properties of the two, and a RegExp has none: it would pass for every text.
 */
expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    expected instanceof RegExp && !(actual instanceof RegExp)
      ? typeof actual === 'string' && expected.test(actual)
      : undefined,
]);
