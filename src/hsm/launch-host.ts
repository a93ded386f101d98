import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { ChanceryError } from '../core/errors.js';

/**
 * The host is started without core dumps (they would hold the PIN), to die with its parent even while a module
 * hangs, and without a way to gain privileges. A limit of one byte instead of none also stops dumps that are piped
 * to a collector, which ignore a limit of zero (core(5)). Both tools are util-linux; where they lack, dumps to
 * files are still off, and the host still ends when its descriptor closes, unless a call hangs.
 */
const LAUNCH = `prlimit --pid $$ --core=1:1 2>/dev/null || ulimit -c 0
command -v setpriv >/dev/null && exec setpriv --pdeathsig KILL --no-new-privs -- "$@"
exec "$@"`;
/**
 * OpenSSL 3 takes a key apart for each signature, some hundred small allocations at once: more than glibc's cache per
 * thread holds by default (7 of a size). Other C libraries do not read it.
 */
const MALLOC = { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=512' };
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

export interface LaunchedHost {
  readonly child: ChildProcess;
  /** Our end of the host's descriptor 3. */
  readonly channel: Socket;
}

/** Starts the process of an HSM host. Throws HSM_UNAVAILABLE when the system has no process or descriptors to give. */
export function launchHost(hostScript: string, environment: Readonly<Record<string, string>>): LaunchedHost {
  const child = spawnHost(hostScript, environment);
  // Node tells of a failure by an event too, and one that nobody hears ends the daemon.
  child.on('error', () => undefined);
  // Absent when there were no descriptors for it, whatever the type says.
  const { stdio } = child as { readonly stdio?: ChildProcess['stdio'] };
  const channel = stdio?.[3];
  if (channel instanceof Socket) return { child, channel };
  throw cannotBeStarted('this process has no descriptors left');
}

function spawnHost(hostScript: string, environment: Readonly<Record<string, string>>): ChildProcess {
  try {
    return spawn('/bin/sh', ['-c', LAUNCH, 'chancery-hsm', process.execPath, hostScript], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // Only what is named: NODE_OPTIONS, LD_PRELOAD or a secret of the daemon's own do not reach foreign code.
      env: { PATH: SYSTEM_PATH, ...MALLOC, ...passedOn(), ...environment },
    });
  } catch (error) {
    throw cannotBeStarted(error instanceof Error ? error.message : 'unknown', error);
  }
}

function cannotBeStarted(why: string, cause?: unknown): ChanceryError {
  return new ChanceryError('HSM_UNAVAILABLE', `the HSM host cannot be started: ${why}`, {
    cause,
    hint: 'give the daemon more of what it lacks (LimitNOFILE, TasksMax, memory): it tries again by itself',
  });
}

function passedOn(): Record<string, string> {
  const names = ['HOME', 'CREDENTIALS_DIRECTORY', 'TZ'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
