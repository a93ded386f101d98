import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * `npm ci` refuses a lock file that lacks an entry for a package of another platform, and `npm install` leaves such
 * an entry out when the registry does not have the package: then no fresh machine can be set up.
 */
it('the lock file has an entry for every optional package, installed here or not', () => {
  const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  const missing: string[] = [];
  let seen = 0;
  for (const [place, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      seen += 1;
      if (!placesAbove(place).some((above) => `${above}node_modules/${name}` in packages)) missing.push(name);
    }
  }
  expect(seen).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

/** `node_modules/a/node_modules/b` is looked up in its own folder, in that of a, and at the top. */
function placesAbove(place: string): string[] {
  const places = place === '' ? [''] : [`${place}/`];
  for (let at = place; at !== '';) {
    const cut = at.lastIndexOf('/node_modules/');
    at = cut < 0 ? '' : at.slice(0, cut);
    places.push(at === '' ? '' : `${at}/`);
  }
  return places;
}
