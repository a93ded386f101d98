import { statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { systemCode } from '../core/files.js';
import { snapshotDirectory } from '../ledger/store/paths.js';
import { AS_DAEMON, type DoctorLine } from './doctor-line.js';
import { tokenDirectories } from './token-files.js';

/** Whether the daemon's directories are there, and its own alone; `daemon` is its user. Never throws. */
export function checkFiles(config: Config, daemon: number): readonly DoctorLine[] {
  return [
    closed('secrets', `${config.directory}/secrets`, daemon, MAKE_SECRETS),
    closed('ledger', config.ledger.directory, daemon, RESTORE_LEDGER),
    ...derived(config.ledger.directory),
    ...otherRun(config.ledger.directory, daemon),
    ...tokenDirectories(config).map((path) => closed('SoftHSM tokens', path, daemon, RESTORE_TOKENS)),
  ];
}

/** What the daemon makes anew where it is gone, and cannot make where something else is in its place. */
function derived(ledger: string): readonly DoctorLine[] {
  return [snapshotDirectory(ledger), join(ledger, 'tile')].flatMap((path): DoctorLine[] => {
    try {
      if (statSync(path).isDirectory()) return [];
    } catch {
      return [];
    }
    const finding = `${path} is there and no directory`;
    return [{ subject: 'ledger', verdict: 'fail', finding, fix: 'move it away: the daemon makes it anew' }];
  });
}

function otherRun(ledger: string, daemon: number): readonly DoctorLine[] {
  const me = process.geteuid?.() ?? 0;
  if (me === daemon) return [];
  const finding = `${ledger} belongs to uid ${String(daemon)}, this runs as ${String(me)}`;
  return [{ subject: 'ledger', verdict: 'warn', finding, fix: AS_DAEMON }];
}

/** The HSM host keeps refused PINs there, and logs in nowhere without; a PIN that is a credential lies elsewhere. */
const MAKE_SECRETS = (path: string): string =>
  `as the user of the daemon: mkdir -m 0700 ${path}, and the PIN file into it if chancery.yaml names one there`;
const RESTORE_LEDGER = (): string =>
  'mount its disk or restore it from a backup (docs/operations.md, Restore); `chancery genesis` starts a new one';
const RESTORE_TOKENS = (path: string): string =>
  `bring it back from the backup of the token, or correct directories.tokendir in softhsm2.conf; it names ${path}`;

/** A directory that is nobody's business but the daemon's; `absent` says what to do when it is not there. */
function closed(subject: string, path: string, daemon: number, absent: (path: string) => string): DoctorLine {
  let status: Stats;
  try {
    status = statSync(path);
  } catch (error) {
    const why = systemCode(error) ?? String(error);
    // Only what is known to be gone is to be made anew: this may be a user who is not let in.
    return why === 'ENOENT' || why === 'ENOTDIR'
      ? { subject, verdict: 'fail', finding: `${path} is not there`, fix: absent(path) }
      : { subject, verdict: 'fail', finding: `${path} cannot be read (${why})`, fix: AS_DAEMON };
  }
  if (!status.isDirectory()) {
    const finding = `${path} is there and no directory`;
    return { subject, verdict: 'fail', finding, fix: `move it away; ${absent(path)}` };
  }
  if (status.uid !== daemon) {
    const finding = `${path} belongs to uid ${String(status.uid)}, the ledger to uid ${String(daemon)}`;
    const fix = "let the daemon's user own both: chown the one that is another's";
    return { subject, verdict: 'fail', finding, fix };
  }
  if ((status.mode & 0o077) !== 0) {
    const finding = `${path} is open to others (mode ${octal(status)})`;
    return { subject, verdict: 'fail', finding, fix: `chmod 0700 ${path}` };
  }
  return { subject, verdict: 'ok', finding: `${path} is its owner's alone` };
}

function octal(status: Stats): string {
  return `0${(status.mode & 0o7777).toString(8)}`;
}
