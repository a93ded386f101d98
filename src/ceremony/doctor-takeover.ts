import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import type { DoctorLine } from './doctor-line.js';
import { strangerAt } from './stranger.js';
import { tokenConfigurations } from './token-files.js';

const SHOWN = 5;
/** On one way, as Linux has it: the next one is an error. */
const MAX_LINKS = 40;

/**
 * Whoever can replace the program, its configuration or a directory above them can become the daemon, with the PIN and
 * the keys. Only root and the daemon's own user should: `daemon`, whoever runs doctor, or an operator who owns the
 * program would not be told. Never throws.
 */
export function whoCouldBecome(config: Config, program: readonly string[], daemon: number): DoctorLine {
  const subject = 'who could become the daemon';
  const relied = new Set<string>();
  for (const path of [...program, ...reliedOn(config)]) addWay(resolve(path), relied);
  const open = [...relied].flatMap((path) => whoMayReplace(path, daemon) ?? []);
  if (open.length === 0) {
    return { subject, verdict: 'ok', finding: daemon === 0 ? 'root' : `root and uid ${String(daemon)}` };
  }
  const finding = open.slice(0, SHOWN).join('; ');
  return {
    subject,
    verdict: 'fail',
    finding: open.length > SHOWN ? `${finding}; and ${String(open.length - SHOWN)} more` : finding,
    fix: "let root or the daemon's user own them, and take write permission from all others: chmod go-w",
  };
}

/** One of those who should not, beside root and the daemon's user; null when there is none. */
function whoMayReplace(path: string, daemon: number): string | null {
  const status = statusOf(path);
  if (status === null) return null;
  const { uid, gid, mode } = status;
  // A link has no mode of its own, and what is in a sticky directory only its owner may replace.
  const ownersAlone = status.isSymbolicLink() || (status.isDirectory() && (mode & 0o1000) !== 0);
  const stranger = strangerAt(path, { uid, gid, mode: ownersAlone ? 0 : mode }, daemon);
  return stranger === null ? null : `${stranger.who} may write ${path}`;
}

/** What makes the daemon what it is, beside its program: configuration, and where its PIN and its past come from. */
function reliedOn(config: Config): readonly string[] {
  const { file, policy, ledger, directory } = config;
  const tokens = [...config.tokens.values()].flatMap(({ module, pin }) =>
    'file' in pin ? [module, pin.file] : [module],
  );
  return [file, policy, ...tokens, ...tokenConfigurations(config), ledger.directory, `${directory}/secrets`];
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
