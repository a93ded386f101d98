import { accessSync, constants, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { systemCode } from '../core/files.js';
import { MOUNT_FOR_WRITING } from '../ledger/store/open.js';
import { AS_DAEMON, type DoctorLine } from './doctor-line.js';
import { strangerAt } from './stranger.js';

/** Whether nobody but the daemon can answer where its sockets are to be. Never throws. */
export function checkSockets({ sockets }: Config, daemon: number): readonly DoctorLine[] {
  return [
    socketPlace('signer socket', sockets.signer.path, daemon),
    socketPlace('admin socket', sockets.admin.path, daemon),
  ];
}

function socketPlace(subject: string, path: string, daemon: number): DoctorLine {
  const fail = (finding: string, fix: string): DoctorLine => ({ subject, verdict: 'fail', finding, fix });
  const directory = dirname(path);
  let status: Stats | undefined;
  let found: Stats | undefined;
  try {
    status = statSync(directory, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) found = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return fail(`${path} cannot be looked at (${systemCode(error) ?? String(error)})`, AS_DAEMON);
  }
  if (status === undefined) return fail(`its directory ${directory} is not there`, `mkdir ${directory}`);
  if (!status.isDirectory()) {
    return fail(`${directory} is there and no directory`, `remove it and mkdir ${directory}`);
  }
  // A member of the group that may connect must not be able to answer in the daemon's place: to a freeze, for one.
  const stranger = strangerAt(directory, status, daemon);
  if (stranger !== null) {
    return fail(`${stranger.who} can put a socket of its own into ${directory}`, stranger.fix);
  }
  const why = whyNotWritable(directory, daemon);
  if (why !== null) {
    const fix = status.uid === daemon ? `chmod u+wx ${directory}` : `chown ${String(daemon)} ${directory}`;
    return fail(
      `the daemon cannot put its socket into ${directory} (${why})`,
      why === 'EROFS' ? MOUNT_FOR_WRITING : fix,
    );
  }
  if (found !== undefined && !found.isSocket())
    return fail(`${path} is there and no socket`, `remove ${path}`);
  return { subject, verdict: 'ok', finding: `${path} (${String(Buffer.byteLength(path))} of 107 bytes)` };
}

/** The system's word; null where it may, or where only the daemon's user could tell. */
function whyNotWritable(directory: string, daemon: number): string | null {
  if (process.geteuid?.() !== daemon) return null;
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}
