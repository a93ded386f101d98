import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DoctorLine } from './doctor-line.js';

const SHOWN = 5;

/**
 * Whoever can replace the program, its configuration or a directory above them can become the daemon, with the PIN and
 * the keys. Only root and the daemon's own user should.
 */
export function whoCouldBecome(paths: readonly string[], daemon: number): DoctorLine {
  const subject = 'who could become the daemon';
  const trusted = new Set([0, daemon]);
  const open = new Set<string>();
  const relied = new Set<string>();
  for (const path of paths) addWay(resolve(path), relied);
  for (const path of relied) {
    const status = statusOf(path);
    if (status === null) continue;
    // A link has no mode of its own, and what is in a sticky directory only its owner may replace.
    const kept = status.isSymbolicLink() || (status.isDirectory() && (status.mode & 0o1000) !== 0);
    if (!trusted.has(status.uid)) open.add(`uid ${String(status.uid)} owns ${path}`);
    else if ((status.mode & 0o002) !== 0 && !kept) open.add(`everybody may write ${path}`);
    else if ((status.mode & 0o020) !== 0 && status.gid !== 0 && !kept) {
      open.add(`group ${String(status.gid)} may write ${path}`);
    }
  }
  if (open.size === 0) {
    return { subject, verdict: 'ok', finding: daemon === 0 ? 'root' : `root and uid ${String(daemon)}` };
  }
  const finding = [...open].slice(0, SHOWN).join('; ');
  return {
    subject,
    verdict: 'fail',
    finding: open.size > SHOWN ? `${finding}; and ${String(open.size - SHOWN)} more` : finding,
    fix: 'let root own the program and its directories, and take write permission from others',
  };
}

/** Adds the path, all above it, and the same of each link among them: whoever may replace a link says where it leads. */
function addWay(path: string, found: Set<string>): void {
  for (let at = path; !found.has(at); at = dirname(at)) {
    found.add(at);
    const target = linkTarget(at);
    if (target !== null) addWay(resolve(dirname(at), target), found);
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function statusOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
