import { lastError, libc } from './libc.js';

const PR_SET_DUMPABLE = 4;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const RLIMIT_CORE = 4;
const prctl: (option: number, a: number, b: number, c: number, d: number) => number = libc.func(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
);
const setrlimit: (resource: number, limits: Buffer) => number = libc.func(
  'int setrlimit(int resource, uint8_t *limits)',
);

/**
 * No core dumps, and no reading of this process's memory, environment or descriptors by others of its uid
 * (PR_SET_DUMPABLE 0 gives /proc/PID to root). Not inherited through exec: a child calls it for itself. A capability
 * given to this process (CAP_SYS_PTRACE, to read the executables of agents) stays with it: what it starts, the vendor's
 * PKCS#11 module among it, gets none.
 * Throws Error when the kernel refuses, which no Linux does.
 */
export function hardenProcess(): void {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) !== 0) throw new Error(`prctl(PR_SET_DUMPABLE): ${lastError()}`);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) !== 0) {
    throw new Error(`prctl(PR_CAP_AMBIENT): ${lastError()}`);
  }
  // One byte, not none: dumps that are piped to a collector ignore a limit of zero (core(5)), and the HSM host, which
  // holds the PIN, may not raise what it inherits. Who started us with none leaves no choice.
  if (setrlimit(RLIMIT_CORE, coreLimit(1n)) !== 0 && setrlimit(RLIMIT_CORE, coreLimit(0n)) !== 0)
    throw new Error(`setrlimit(RLIMIT_CORE): ${lastError()}`);
}

/** `struct rlimit`: soft and hard, bytes. */
function coreLimit(bytes: bigint): Buffer {
  const limits = Buffer.alloc(16);
  for (const at of [0, 8]) limits.writeBigUInt64LE(bytes, at);
  return limits;
}
