import { lstatSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { systemCode } from '../core/files.js';
import { readFileUpTo } from '../core/read-file.js';
import { tokenDirectoryOf } from '../hsm/softhsm-conf.js';
import { AS_DAEMON, type DoctorLine } from './doctor-line.js';
import { whoCouldBecome } from './doctor-takeover.js';

/**
 * Who may read and write what the daemon relies on. `daemon` is its user, whoever runs doctor: an operator who owns the
 * program could otherwise become the daemon, and would not be told. Never throws.
 */
export function checkFiles(
  config: Config,
  program: readonly string[],
  daemon: number,
): readonly DoctorLine[] {
  return [
    closed('secrets', `${config.directory}/secrets`, daemon, MAKE_SECRETS),
    closed('ledger', config.ledger.directory, daemon, RESTORE_LEDGER),
    ...otherRun(config.ledger.directory, daemon),
    ...tokenDirectories(config).map((path) => closed('SoftHSM tokens', path, daemon, RESTORE_TOKENS)),
    whoCouldBecome(reliedOn(config, program), daemon),
    socketPlace('signer socket', config.sockets.signer.path, daemon),
    socketPlace('admin socket', config.sockets.admin.path, daemon),
  ];
}

/** What makes the daemon what it is: code, configuration, and where its PIN and its past come from. */
function reliedOn(config: Config, program: readonly string[]): readonly string[] {
  const { file, policy, ledger, directory } = config;
  const tokens = [...config.tokens.values()].flatMap(({ module, pin }) => [
    module,
    ...('file' in pin ? [pin.file] : []),
  ]);
  return [
    ...program,
    file,
    policy,
    ...tokens,
    ...tokenConfigurations(config),
    ledger.directory,
    `${directory}/secrets`,
  ];
}

/** The files that tell the modules where their keys are. */
function tokenConfigurations(config: Config): readonly string[] {
  return [...config.tokens.values()].flatMap(({ environment }) =>
    Object.entries(environment)
      .filter(([name]) => name.endsWith('_CONF'))
      .map(([, path]) => path),
  );
}

/** Where SoftHSM keeps keys in files; whoever may write there may put others in their place. */
function tokenDirectories(config: Config): readonly string[] {
  return tokenConfigurations(config).flatMap((path) => {
    try {
      const found = tokenDirectoryOf(readFileUpTo(path, path).toString('utf8'));
      return found === null ? [] : [found];
    } catch {
      // What the module makes of it is said of the token.
      return [];
    }
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

function socketPlace(subject: string, path: string, daemon: number): DoctorLine {
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
  if (status.uid !== 0 && status.uid !== daemon) {
    const finding = `uid ${String(status.uid)} owns ${directory} and can put a socket of its own there`;
    return { subject, verdict: 'fail', finding, fix: `chown ${String(daemon)} ${directory}` };
  }
  if (found !== undefined && !found.isSocket()) {
    return { subject, verdict: 'fail', finding: `${path} is there and no socket`, fix: `remove ${path}` };
  }
  return { subject, verdict: 'ok', finding: `${path} (${String(Buffer.byteLength(path))} of 107 bytes)` };
}

function octal(status: Stats): string {
  return `0${(status.mode & 0o7777).toString(8)}`;
}
