import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file that users start; its first line names the options the daemon's node runs with. */
export const BINARY = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

function firstLine(): readonly string[] {
  const [first = ''] = readFileSync(BINARY, 'utf8').split('\n', 1);
  return first.split(' ');
}

/** Options of node itself, as the daemon has them: they bound its heap, and so its pauses. */
export function nodeOptions(): string[] {
  return firstLine().filter((word) => word.startsWith('--'));
}

/** What the daemon's first line puts into its environment. */
export function nodeEnvironment(): Record<string, string> {
  return Object.fromEntries(
    firstLine()
      .filter((word) => /^[A-Z_]+=/.test(word))
      .map((word) => word.split('=', 2) as [string, string]),
  );
}

/** What a module beside this one prints as JSON, run in a process of its own with the daemon's options. */
export function runAsDaemon(module: string): unknown {
  const path = fileURLToPath(new URL(`./${module}.js`, import.meta.url));
  const args = [...nodeOptions(), path];
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}
