import { ChanceryError } from '../core/errors.js';
import type { ExecutableDigests } from './executable-digests.js';
import { OVERFLOW_ID } from './foreign.js';
import { pathMatches } from './path-selector.js';
import type { Peer, PeerFacts } from './peer.js';
import { recordedPath } from './recorded-path.js';
import type { Selector } from './selector.js';
import { firstName } from './system-names.js';

/** A registration: this SPIFFE ID stands for whoever has all of these facts. */
export interface Registration {
  readonly id: string;
  readonly selectors: readonly Selector[];
}

/**
 * The SPIFFE ID of the registrations whose selectors are all true of the peer (SPIRE's rule: a subset of the
 * caller's facts). A fact that cannot be read makes its selector false.
 *
 * Throws WORKLOAD_UNKNOWN when none matches or several with different ids do, WORKLOAD_CHANGED when the process exited or
 * changed its executable meanwhile, OVERLOADED when no descriptor is left to look. Asynchronous because hashing an
 * executable takes 1 ms a megabyte; digests are asked for only when every other selector of a registration holds.
 */
export async function identify(
  peer: Peer,
  registrations: readonly Registration[],
  digests: ExecutableDigests,
): Promise<string> {
  const ids = new Set<string>();
  for (const { id, selectors } of registrations) {
    if (!ids.has(id) && (await matches(peer, selectors, digests))) ids.add(id);
  }
  const gone = peer.check();
  if (gone !== null) throw gone;
  const [id, ...others] = ids;
  // Which facts are missing, and which ids would match, is for the operator: a stranger learns neither.
  if (id === undefined && peer.executable === null) {
    // That it could not look is no secret, and without it nobody finds out why a right path does not match.
    throw new ChanceryError(
      'WORKLOAD_UNKNOWN',
      'no registered workload matches the calling process, whose executable the daemon may not read',
      {
        hint: `ask the operator to register uid ${String(peer.uid)} without unix:path and unix:sha256, or to let the daemon read executables of other users: "chancery doctor" there says how`,
      },
    );
  }
  if (id === undefined) {
    throw new ChanceryError('WORKLOAD_UNKNOWN', 'no registered workload matches the calling process', {
      hint: whatToDo(peer.facts),
    });
  }
  if (others.length > 0) {
    throw new ChanceryError(
      'WORKLOAD_UNKNOWN',
      'more than one registered workload matches the calling process',
      {
        hint: 'ask the operator to make the selectors of the workloads exclusive, best by a uid for each',
      },
    );
  }
  return id;
}

/**
 * A caller may know what it is itself: an agent behind ld.so or `#!`, or updated under its feet, takes itself for
 * another.
 */
function whatToDo({ uid, exe }: PeerFacts): string {
  const runs = `uid ${String(uid)} runs ${recordedPath(exe)}`;
  if (exe.endsWith(' (deleted)'))
    return `${runs}: that file was replaced or removed since, so start it again`;
  return `${runs}: ask the operator to register uid ${String(uid)}, and this path where one is registered, in the policy, and to run "chancery doctor" there`;
}

async function matches(
  peer: Peer,
  selectors: readonly Selector[],
  digests: ExecutableDigests,
): Promise<boolean> {
  // An empty registration would stand for everyone.
  if (selectors.length === 0) return false;
  const wanted: string[] = [];
  for (const selector of selectors) {
    if (selector.kind === 'unix:sha256') wanted.push(selector.value);
    else if (!holds(peer, selector)) return false;
  }
  if (wanted.length === 0) return true;
  if (peer.executable === null) return false;
  const digest = await digests.of(peer.executable);
  return digest !== null && wanted.every((value) => value === digest);
}

function holds(peer: Peer, selector: Exclude<Selector, { kind: 'unix:sha256' }>): boolean {
  const { uid, gid, supplementaryGids } = peer.facts;
  switch (selector.kind) {
    case 'unix:uid':
      return uid === selector.value;
    case 'unix:gid':
      return isGroup(gid, selector.value);
    case 'unix:user':
      return firstName('passwd', uid) === selector.value;
    case 'unix:group':
      return gid !== OVERFLOW_ID && firstName('group', gid) === selector.value;
    case 'unix:supplementary_gid':
      return supplementaryGids.some((group) => isGroup(group, selector.value));
    case 'unix:supplementary_group':
      return supplementaryGids.some(
        (group) => group !== OVERFLOW_ID && firstName('group', group) === selector.value,
      );
    case 'unix:path':
      return pathMatches(peer.executable, selector.value);
  }
}

/** Every group of another namespace is the overflow gid: it names none. */
function isGroup(actual: number, wanted: number): boolean {
  return actual === wanted && actual !== OVERFLOW_ID;
}
