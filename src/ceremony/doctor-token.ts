import { accessSync, constants, statSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';
import { openAdministration, type Administration, type ListedKey } from '../hsm/administration.js';
import type { TokenAccess, TokenKey } from '../hsm/token-options.js';
import { waives } from '../hsm/waiver.js';
import { failLine, type DoctorLine } from './doctor-line.js';
import { proveKeys } from './prove-keys.js';

export interface TokenCheck {
  /** Its name in chancery.yaml. */
  readonly name: string;
  readonly access: TokenAccess;
  /** What the policy expects on it. */
  readonly keys: readonly TokenKey[];
}

/**
 * Looks at a token as the daemon will meet it: module, PIN file, host, login, identity, each key, and a signature by
 * each. Logs in once, with the same care as the daemon: a PIN that was refused before is not tried. Never throws.
 */
export async function checkToken({ name, access, keys }: TokenCheck): Promise<readonly DoctorLine[]> {
  const subject = `token ${name}`;
  const lines = [moduleLine(subject, access.module), ...hostLines(subject)];
  let administration: Administration;
  try {
    administration = await openAdministration(access);
  } catch (error) {
    return [...lines, failure(subject, error)];
  }
  let found: readonly ListedKey[];
  try {
    const { identity, moduleSha256, warnings } = administration;
    const said = `logged in to ${identity.label} (serial ${identity.serial}, ${identity.manufacturer} ${identity.model})`;
    lines.push({ subject, verdict: 'ok', finding: `${said}, module sha256 ${moduleSha256}` });
    lines.push(...quirkLines(subject, identity.manufacturer));
    for (const finding of warnings) {
      lines.push({
        subject,
        verdict: 'warn',
        finding,
        fix: 'find out who tried it; a good login resets the count',
      });
    }
    found = await administration.listKeys();
  } catch (error) {
    return [...lines, failure(subject, error)];
  } finally {
    await administration.close();
  }
  const keyLines = keys.flatMap((key) => checkKey(key, found));
  lines.push(...keyLines);
  if (keyLines.some(({ verdict }) => verdict === 'fail')) return lines;
  return [...lines, await proofLine(subject, name, access, keys)];
}

function moduleLine(subject: string, module: string): DoctorLine {
  try {
    const { mode, uid } = statSync(module);
    if ((mode & 0o022) !== 0 || (uid !== 0 && uid !== process.geteuid?.())) {
      const finding = `the module ${module} can be replaced by another user`;
      return { subject, verdict: 'fail', finding, fix: `chown root ${module} && chmod 0755 ${module}` };
    }
    return { subject, verdict: 'ok', finding: `module ${module}` };
  } catch {
    const finding = `the module ${module} cannot be read`;
    return {
      subject,
      verdict: 'fail',
      finding,
      fix: 'install it (Debian: apt-get install softhsm2) or correct its path',
    };
  }
}

/** The tools with which the host is kept from dumping core and from outliving the daemon. */
function hostLines(subject: string): readonly DoctorLine[] {
  return ['prlimit', 'setpriv'].flatMap((tool): DoctorLine[] => {
    const places = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((directory) => `${directory}/${tool}`);
    if (places.some(isExecutable)) return [];
    const finding = `${tool} is missing: the HSM host is less protected`;
    return [{ subject, verdict: 'warn', finding, fix: 'install util-linux' }];
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function quirkLines(subject: string, manufacturer: string): readonly DoctorLine[] {
  if (manufacturer !== 'SoftHSM project') return [];
  const finding =
    'SoftHSM keeps keys in files and has no lockout: whoever copies the files and the PIN has the keys';
  return [{ subject, verdict: 'warn', finding, fix: 'for real money use a hardware token, see hsm-config/' }];
}

function checkKey(key: TokenKey, found: readonly ListedKey[]): readonly DoctorLine[] {
  const subject = `key ${key.id}`;
  const matches = found.filter(
    ({ label, objectId }) => label === key.label && (key.objectId === undefined || objectId === key.objectId),
  );
  const [match] = matches;
  if (match === undefined || matches.length > 1) {
    const finding = `the token holds ${String(matches.length)} Ed25519 keys with label ${JSON.stringify(key.label)}`;
    const fix =
      match === undefined
        ? 'bring back the token that holds it, or its backup; another key in its place takes a policy that names it'
        : 'name it by its object id in the policy';
    return [{ subject, verdict: 'fail', finding, fix }];
  }
  const lines = match.findings.flatMap((finding): DoctorLine[] => {
    if (finding.verdict === 'pass') return [];
    const said = `${finding.check} is ${finding.actual}, must be ${finding.expected}`;
    if (waives(key.waivers ?? [], finding.check))
      return [{ subject, verdict: 'warn', finding: `waived: ${said}` }];
    const fix = 'generate a new key, or have the Sovereign waive this check for this key';
    return [{ subject, verdict: 'fail', finding: said, fix }];
  });
  if (match.publicKey !== null && !Buffer.from(match.publicKey).equals(key.publicKey)) {
    const finding = 'its public object on the token is not the pinned public key';
    lines.push({
      subject,
      verdict: 'warn',
      finding,
      fix: 'remove the stray public object, or correct the label',
    });
  }
  return lines.length > 0 ? lines : [{ subject, verdict: 'ok', finding: 'passes every trust check' }];
}

async function proofLine(
  subject: string,
  name: string,
  access: TokenAccess,
  keys: readonly TokenKey[],
): Promise<DoctorLine> {
  try {
    await proveKeys(name, access, keys);
    const finding = `each of ${String(keys.length)} keys signs for its pinned public key`;
    return { subject, verdict: 'ok', finding };
  } catch (error) {
    return failure(subject, error);
  }
}

function failure(subject: string, error: unknown): DoctorLine {
  if (!(error instanceof ChanceryError))
    return { subject, verdict: 'fail', finding: 'the check itself failed' };
  return failLine(subject, error);
}
