import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { DoctorLine } from './doctor-line.js';

const SHOWN = 5;
/** On one way, as Linux has it: the next one is an error. */
const MAX_LINKS = 40;

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

/**
 * Adds the path, all above it, and the same of each link among them: whoever may replace a link says where it leads.
 * Step by step as the kernel goes: `..` in a link leads up from where its directory really is.
 */
function addWay(path: string, found: Set<string>): void {
  const rest = path.split('/');
  let at = '/';
  let links = 0;
  found.add(at);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(at, name);
    const target = linkTarget(next);
    if (target === null) at = next;
    else if (++links > MAX_LINKS) return;
    else {
      rest.unshift(...target.split('/'));
      if (isAbsolute(target)) at = '/';
    }
    found.add(next);
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
