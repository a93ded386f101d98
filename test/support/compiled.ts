import { execFileSync } from 'node:child_process';
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
    execFileSync('gcc', [...always, ...flags, '-o', unfinished, source, '-ldl'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    renameSync(unfinished, path);
  }
  return path;
}
