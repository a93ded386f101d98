import { libc } from './libc.js';

const exitAtOnce: (status: number) => void = libc.func('void _exit(int status)');

/**
 * Ends this process with its exit code, if it still runs after `ms` milliseconds. A call that a dead file system keeps
 * holds the event loop, and `process.exit` would wait for its thread for ever.
 */
export function endWithin(ms: number): void {
  setTimeout(() => {
    exitAtOnce(Number(process.exitCode ?? 0));
  }, ms).unref();
}
