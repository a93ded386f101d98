import { readFileSync } from 'node:fs';
import type { Config } from '../config/chancery-yaml.js';
import type { Clock } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { Policy, TokenPin } from '../policy/policy.js';
import { checkAgents } from './doctor-agents.js';
import { checkDisk } from './doctor-disk.js';
import { checkFiles } from './doctor-files.js';
import { checkLedger } from './doctor-ledger.js';
import { AS_DAEMON, failLine, type DoctorLine } from './doctor-line.js';
import { checkSockets } from './doctor-sockets.js';
import { whoCouldBecome } from './doctor-takeover.js';
import { checkToken } from './doctor-token.js';
import { ledgerOwner } from './ledger-owner.js';
import type { Reading } from './offline-ledger.js';
import { keysOn } from './policy-tokens.js';
import { tokenAccess } from './token-access.js';

export interface DoctorOptions {
  readonly config: Config;
  readonly files: Files;
  readonly clock: Clock;
  readonly hostScript: string;
  /** What the daemon is made of: the runtime and its entry file. */
  readonly program: readonly string[];
  readonly progress?: Reading;
}

/**
 * Everything the daemon relies on, looked at from outside: ledger, policy, clock, disk, files, sockets, tokens and
 * keys. Writes nothing but a scratch file beside the ledger; for the daemon's user it logs in to each token once.
 */
export async function doctor({
  config,
  files,
  clock,
  hostScript,
  program,
  progress,
}: DoctorOptions): Promise<readonly DoctorLine[]> {
  const { lines, policy } = await checkLedger(config, files, clock, progress);
  // Whoever runs doctor; where there is no ledger, whoever is to start one.
  const me = process.geteuid?.() ?? 0;
  const daemon = ledgerOwner(config.ledger.directory) ?? me;
  const tokens: DoctorLine[] = [];
  if (policy !== null) {
    for (const pin of policy.tokens.values()) {
      const lines = me === daemon ? await tokenLines(config, policy, pin, hostScript) : [notTried(pin)];
      tokens.push(...lines);
    }
  }
  return [
    ...lines,
    ...checkDisk(config.ledger.directory),
    ...checkFiles(config, daemon),
    whoCouldBecome(config, program, daemon),
    ...checkSockets(config, daemon),
    ...(policy === null ? [] : checkAgents(config, policy, daemon)),
    tracing(),
    ...tokens,
  ];
}

async function tokenLines(
  config: Config,
  policy: Policy,
  pin: TokenPin,
  hostScript: string,
): Promise<readonly DoctorLine[]> {
  const keys = keysOn(policy, pin.name);
  try {
    return await checkToken({ name: pin.name, access: tokenAccess(config, pin, hostScript), keys });
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return [failLine(`token ${pin.name}`, error)];
  }
}

/**
 * Another user than the daemon's, root for one, logs in nowhere: the PIN is not theirs to read, and a record of refused
 * PINs, or a file of the token, that they left behind would be closed to the daemon.
 */
function notTried({ name }: TokenPin): DoctorLine {
  const finding = "not looked at: only the daemon's user logs in to it";
  return { subject: `token ${name}`, verdict: 'warn', finding, fix: AS_DAEMON };
}

/** Whether one process of a uid may read the memory of another: an agent of the daemon's uid would have the PIN. */
function tracing(): DoctorLine {
  const subject = 'ptrace';
  let scope: string;
  try {
    scope = readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
  } catch {
    return {
      subject,
      verdict: 'warn',
      finding:
        'the kernel does not restrict tracing (no Yama): processes of one user may read each other, the HSM host too',
      fix: 'run agents under other users than the daemon',
    };
  }
  if (scope !== '0') return { subject, verdict: 'ok', finding: `kernel.yama.ptrace_scope is ${scope}` };
  return {
    subject,
    verdict: 'warn',
    finding: 'any process of the same user may be traced, the HSM host too',
    fix: 'sysctl kernel.yama.ptrace_scope=1, and run agents under other users than the daemon',
  };
}
