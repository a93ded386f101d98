import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Builds dist/ once before tests that run the real binary, so that they never test an older build. */
export default function buildDist(): void {
  if (process.env['CHANCERY_TEST_BUILD'] === 'done') return;
  try {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`the build failed, so there is nothing to test:\n${output}`, { cause: error });
  }
}
