import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SRC = new URL('../../../src/', import.meta.url);

interface Reached {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

/** Everything a module reaches at run time: type-only imports are erased by the compiler and left out. */
function reach(entry: string): Reached {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    const path = url.href.slice(SRC.href.length);
    if (files.has(path)) return;
    files.add(path);
    const source = readFileSync(url, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, type, name] of source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)';/gm)) {
      if (type !== undefined || name === undefined) continue;
      if (name.startsWith('.')) visit(new URL(name.replace(/\.js$/, '.ts'), url));
      else packages.add(name);
    }
    expect(source, path).not.toMatch(/\bimport\(|\brequire\(|^import '/m);
  };
  visit(new URL(entry, SRC));
  return { files, packages };
}

describe('I9: what an agent imports', () => {
  const allowed = ['ws', 'zod', 'bs58', '@noble/ed25519'];

  it.each([
    ['client/api.ts', []],
    ['client/adapters/kit.ts', ['@solana/kit']],
    ['client/adapters/web3js.ts', ['@solana/web3.js']],
  ])('%s reaches no HSM code, no native module and no other part of the daemon', (entry, more) => {
    const { files, packages } = reach(entry);
    expect(
      [...packages].filter((name) => !name.startsWith('node:') && ![...allowed, ...more].includes(name)),
    ).toEqual([]);
    expect([...files].filter((file) => !/^(client|core|protocol)\//.test(file))).toEqual([]);
  });

  it('is found through what is imported, not only in the first file', () => {
    const { files, packages } = reach('client/api.ts');
    expect(files).toContain('core/ed25519.ts');
    expect(packages).toContain('@noble/ed25519');
    expect(packages).toContain('ws');
  });
});
