/**
 * Mutations of files that one test each holds, by a campaign (how their names begin), where the files lie under src
 * and their tests under test/unit. Of each change: its name, what is found, what is put in its place.
 */
export const heldBy =
  (campaign, sources, tests) =>
  (name, test) =>
  (...changes) =>
    changes.map(([what, find, replace]) => ({
      name: `${campaign}: ${what}`,
      file: `src/${sources}${name}.ts`,
      find,
      replace,
      tests: [`test/unit/${tests}${test}.test.ts`],
    }));
