import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { systemCode } from '../core/files.js';
import { AS_DAEMON, type DoctorLine } from './doctor-line.js';

/** Who may read and write what the daemon relies on. Never throws. */
export function checkFiles(config: Config, program: readonly string[], uid: number): readonly DoctorLine[] {
  return [
    closed('secrets', `${config.directory}/secrets`, uid, MAKE_SECRETS),
    closed('ledger', config.ledger.directory, uid, RESTORE_LEDGER),
    whoCouldBecome(config, program, uid),
    socketPlace('signer socket', config.sockets.signer.path),
    socketPlace('admin socket', config.sockets.admin.path),
  ];
}

/** The HSM host keeps refused PINs there, and logs in nowhere without; a PIN that is a credential lies elsewhere. */
const MAKE_SECRETS = (path: string): string =>
  `as the user of the daemon: mkdir -m 0700 ${path}, and the PIN file into it if chancery.yaml names one there`;
const RESTORE_LEDGER = (): string =>
  'mount its disk or restore it from a backup (docs/operations.md, Restore); `chancery genesis` starts a new one';

/** A directory that is nobody's business but the daemon's; `absent` says what to do when it is not there. */
function closed(subject: string, path: string, uid: number, absent: (path: string) => string): DoctorLine {
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
  if (status.uid !== uid) {
    const finding = `${path} belongs to uid ${String(status.uid)}, this runs as ${String(uid)}`;
    return { subject, verdict: 'warn', finding, fix: AS_DAEMON };
  }
  if ((status.mode & 0o077) !== 0) {
    const finding = `${path} is open to others (mode ${octal(status)})`;
    return { subject, verdict: 'fail', finding, fix: `chmod 0700 ${path}` };
  }
  return { subject, verdict: 'ok', finding: `${path} is its owner's alone` };
}

/**
 * Whoever can replace the program, its configuration or a directory above them can become the daemon, with the PIN and
 * the keys. Only root and the daemon's own user should.
 */
function whoCouldBecome(config: Config, program: readonly string[], uid: number): DoctorLine {
  const subject = 'who could become the daemon';
  const trusted = new Set([0, uid]);
  const open = new Set<string>();
  for (const start of [
    ...program,
    config.file,
    config.policy,
    ...[...config.tokens.values()].map((one) => one.module),
  ]) {
    for (const path of withParents(start)) {
      const status = statusOf(path);
      if (status === null) continue;
      const sticky = (status.mode & 0o1000) !== 0;
      if (!trusted.has(status.uid)) open.add(`uid ${String(status.uid)} owns ${path}`);
      else if ((status.mode & 0o002) !== 0 && !sticky) open.add(`everybody may write ${path}`);
      else if ((status.mode & 0o020) !== 0 && status.gid !== 0 && !sticky) {
        open.add(`group ${String(status.gid)} may write ${path}`);
      }
    }
  }
  if (open.size === 0) {
    return { subject, verdict: 'ok', finding: uid === 0 ? 'root' : `root and uid ${String(uid)}` };
  }
  const finding = [...open].slice(0, 5).join('; ');
  return {
    subject,
    verdict: 'fail',
    finding: open.size > 5 ? `${finding}; and ${String(open.size - 5)} more` : finding,
    fix: 'let root own the program and its directories, and take write permission from others',
  };
}

function socketPlace(subject: string, path: string): DoctorLine {
  const directory = dirname(path);
  let status: Stats | undefined;
  let found: Stats | undefined;
  try {
    status = statSync(directory, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) found = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const finding = `${path} cannot be looked at (${systemCode(error) ?? String(error)})`;
    return { subject, verdict: 'fail', finding, fix: AS_DAEMON };
  }
  if (status === undefined) {
    const fix = `mkdir ${directory}`;
    return { subject, verdict: 'fail', finding: `its directory ${directory} is not there`, fix };
  }
  if (!status.isDirectory()) {
    const fix = `remove it and mkdir ${directory}`;
    return { subject, verdict: 'fail', finding: `${directory} is there and no directory`, fix };
  }
  if ((status.mode & 0o002) !== 0) {
    const finding = `anybody can put a socket of their own into ${directory}`;
    return { subject, verdict: 'fail', finding, fix: `chmod o-w ${directory}` };
  }
  // A member of the group that may connect must not be able to answer in the daemon's place: to a freeze, for one.
  if ((status.mode & 0o020) !== 0 && status.gid !== 0) {
    const finding = `group ${String(status.gid)} can put a socket of its own into ${directory}`;
    return { subject, verdict: 'fail', finding, fix: `chmod g-w ${directory}` };
  }
  if (found !== undefined && !found.isSocket()) {
    return { subject, verdict: 'fail', finding: `${path} is there and no socket`, fix: `remove ${path}` };
  }
  return { subject, verdict: 'ok', finding: `${path} (${String(Buffer.byteLength(path))} of 107 bytes)` };
}

function withParents(start: string): readonly string[] {
  const paths: string[] = [];
  let at: string;
  try {
    at = realpathSync(start);
  } catch {
    return paths;
  }
  for (;;) {
    paths.push(at);
    const parent = dirname(at);
    if (parent === at) return paths;
    at = parent;
  }
}

function statusOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function octal(status: Stats): string {
  return `0${(status.mode & 0o7777).toString(8)}`;
}
