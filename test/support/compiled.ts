import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/chancery-test-objects/', import.meta.url));

/** The shared object of a C source of the tests, compiled once for each version of the source. */
export function compiled(source: string, flags: readonly string[] = []): string {
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const path = join(CACHE, `${basename(source, '.c')}-${digest}.so`);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${String(process.pid)}`;
    const always = ['-Wall', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden'];
    compile([...always, ...flags, '-o', unfinished, source, '-ldl']);
    renameSync(unfinished, path);
  }
  return path;
}

/** Fails the test, and never leaves it out, where there is no compiler: it says what to install. */
function compile(args: readonly string[]): void {
  const hint = 'fault tests need gcc, libc6-dev and p11-kit headers: run scripts/system-packages --tests';
  const { error, status, stderr } = spawnSync('gcc', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`gcc cannot be run (${error.message}); ${hint}`, { cause: error });
  if (status !== 0) throw new Error(`gcc failed; ${hint}\n${stderr}`);
}
