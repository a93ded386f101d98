import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { loadModule } from '../../../src/hsm/pkcs11/load-module.js';
import { thrown } from '../../support/thrown.js';

// What it finds in a package that was installed with --ignore-scripts, as agents are told to.
vi.mock(import('node:module'), async (original) => ({
  ...(await original()),
  createRequire: () => {
    const load = (): never => {
      throw new Error("Cannot find module './build/Release/pkcs11.node'");
    };
    return load as unknown as NodeJS.Require;
  },
}));

it('a native module that was not built is said to be that, with how to build it', () => {
  const error = thrown(() => loadModule(fileURLToPath(import.meta.url)));
  expect(error.code).toBe('FILE_UNREADABLE');
  expect(error.message).toContain('is not built');
  expect(error.hint).toContain('npm rebuild pkcs11js');
});
