import { describeError, EXIT_USAGE } from '../../../src/cli/fail.js';
import { program } from '../../../src/cli/program.js';
import type { CommandResult } from './site.js';

/** Runs a command in this process, as `main` does: for many inputs, where starting a process for each would be slow. */
export async function command(...args: readonly string[]): Promise<CommandResult> {
  const { exitCode } = process;
  // Put back as they are, never called here.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const [out, err] = [process.stdout.write, process.stderr.write];
  let stdout = '';
  let stderr = '';
  process.exitCode = 0;
  process.stdout.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    stdout += Buffer.from(chunk as Uint8Array).toString();
    const taken = rest.at(-1);
    if (typeof taken === 'function') (taken as () => void)();
    return true;
  };
  process.stderr.write = (chunk: string | Uint8Array) => {
    stderr += Buffer.from(chunk as Uint8Array).toString();
    return true;
  };
  try {
    await (await program(args)).parseAsync(args, { from: 'user' });
    return { code: process.exitCode, stdout, stderr };
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error) {
      return { code: error.exitCode === 0 ? 0 : EXIT_USAGE, stdout, stderr };
    }
    const { text, exitCode } = describeError(error);
    return { code: exitCode, stdout, stderr: stderr + text };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    process.exitCode = exitCode;
  }
}
