import type { Config } from '../config/chancery-yaml.js';
import { formatTime, type Clock } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import { systemCode, type Files } from '../core/files.js';
import { originName } from '../core/origin.js';
import { readFileUpTo } from '../core/read-file.js';
import { sha256Hex } from '../core/sha256.js';
import type { State } from '../ledger/state.js';
import { asUnavailable } from '../ledger/store/open.js';
import { lockPath } from '../ledger/store/paths.js';
import { lockHolder } from '../os/lock-holder.js';
import type { Policy } from '../policy/policy.js';
import { parseEnvelopeText } from '../sovereign/envelope.js';
import { readStatement } from '../sovereign/read-statement.js';
import { failLine, type DoctorLine } from './doctor-line.js';
import { ledgerOwner } from './ledger-owner.js';
import { readInForce, type Reading } from './offline-ledger.js';
import { STATEMENT_BACK } from './statement-back.js';

export interface LedgerCheck {
  readonly lines: readonly DoctorLine[];
  /** Null when the ledger cannot be read. */
  readonly policy: Policy | null;
}

/** The ledger, the policy it says is in force, and the clock held against its last entry. Never throws. */
export async function checkLedger(
  config: Config,
  files: Files,
  clock: Clock,
  progress?: Reading,
): Promise<LedgerCheck> {
  try {
    const { state, policy } = await readInForce(config, files, progress);
    const lines = [
      ledgerLine(state, config),
      await daemonLine(config, files),
      policyLine(config, policy, state),
      // Asked when the ledger is read: a daemon writes while it is.
      clockLine(state, clock.wall()),
      ...policy.warnings.map((finding): DoctorLine => ({ subject: 'policy', verdict: 'warn', finding })),
    ];
    return { lines, policy };
  } catch (error) {
    if (!(error instanceof ChanceryError) && systemCode(error) === null) throw error;
    return { lines: [failLine('ledger', asUnavailable(error))], policy: null };
  }
}

function ledgerLine(state: State, config: Config): DoctorLine {
  const finding = `${state.origin}, ${String(state.size)} entries, the last of ${formatTime(state.time)}`;
  if (originName(state.origin) !== config.name) {
    return {
      subject: 'ledger',
      verdict: 'fail',
      finding: `chancery.yaml has the name ${config.name}, the ledger is ${state.origin}`,
    };
  }
  const open = state.open().length;
  if (open === 0) return { subject: 'ledger', verdict: 'ok', finding };
  return {
    subject: 'ledger',
    verdict: 'warn',
    finding: `${finding}; ${String(open)} authorizations without an outcome`,
  };
}

async function daemonLine(config: Config, files: Files): Promise<DoctorLine> {
  const subject = 'daemon';
  try {
    const finding = (await isHeld(config.ledger.directory, files))
      ? 'runs, and holds the ledger'
      : 'does not run';
    return { subject, verdict: 'ok', finding };
  } catch (error) {
    // The daemon could not take it either. What to do about the file system is said of the disk.
    const finding = `whether it runs is not known: the lock cannot be tried (${systemCode(error) ?? String(error)})`;
    const fix = `let the daemon's user own ${lockPath(config.ledger.directory)}, or remove it while no daemon runs`;
    return systemCode(error) === 'EROFS'
      ? { subject, verdict: 'warn', finding }
      : { subject, verdict: 'fail', finding, fix };
  }
}

/** Trying a lock makes its file where there is none, as in a backup: made by root, the daemon could not open it. */
async function isHeld(directory: string, files: Files): Promise<boolean> {
  const path = lockPath(directory);
  if (ledgerOwner(directory) !== process.geteuid?.()) return lockHolder(path) !== null;
  const lock = await files.lock(path);
  await lock?.release();
  return lock === null;
}

/** What stands on disk, the signature too, must be what is in force, or the next start fails. */
function policyLine(config: Config, policy: Policy, state: State): DoctorLine {
  const subject = 'policy';
  try {
    if (sha256Hex(readFileUpTo(config.policy, config.policy)) === policy.sha256) {
      if (!holdsStatement(`${config.policy}.sig`, state)) return statementLine(config.policy);
      return { subject, verdict: 'ok', finding: `serial ${String(policy.serial)} is in force` };
    }
  } catch {
    return { subject, verdict: 'fail', finding: `cannot read ${config.policy}`, fix: 'chancery policy show' };
  }
  return {
    subject,
    verdict: 'fail',
    finding: `${config.policy} is not the policy in force (serial ${String(policy.serial)})`,
    fix: 'bring it into force with `chancery policy sign` and `policy submit`, or put the one in force there with `policy show`, and its statement beside it (docs/operations.md, Backup)',
  };
}

/** Whether the file holds the statement that brought the policy into force. */
function holdsStatement(path: string, state: State): boolean {
  try {
    const { id } = readStatement(parseEnvelopeText(readFileUpTo(path, path)));
    return id === state.policy?.id;
  } catch {
    return false;
  }
}

function statementLine(path: string): DoctorLine {
  return {
    subject: 'policy',
    verdict: 'fail',
    finding: `${path}.sig is not the statement that brought the policy into force`,
    fix: STATEMENT_BACK,
  };
}

function clockLine(state: State, now: number): DoctorLine {
  const subject = 'clock';
  if (now >= state.time) return { subject, verdict: 'ok', finding: formatTime(now) };
  return {
    subject,
    verdict: 'fail',
    finding: `${formatTime(now)} lies before the last entry (${formatTime(state.time)})`,
    fix: 'set the clock of this machine and keep it with NTP; if it is right, an earlier start ran under a wrong one (docs/operations.md, When the disk or the token fails)',
  };
}
