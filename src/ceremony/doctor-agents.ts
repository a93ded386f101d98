import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { lockPath } from '../ledger/store/paths.js';
import { mayReadExecutables } from '../os/capabilities.js';
import { groupId, groupsOf } from '../os/groups.js';
import { lockHolder } from '../os/lock-holder.js';
import type { Policy } from '../policy/policy.js';
import type { DoctorLine } from './doctor-line.js';

/**
 * Whether the workloads of the policy that run under other users than the daemon can reach it and be told by it: the
 * group of signer.sock, the directories above it, and what their selectors ask of the daemon, whose user is `daemon`.
 * Never throws.
 */
export function checkAgents(config: Config, policy: Policy, daemon: number): readonly DoctorLine[] {
  return [...reach(config, policy, daemon), ...recognition(config, policy, daemon)];
}

type Workload = Policy['workloads'][number];

/** The uids a workload may have; null when its selectors name none, so that any may. */
function uidOf({ selectors }: Workload): number | null {
  for (const selector of selectors) if (selector.kind === 'unix:uid') return selector.value;
  return null;
}

function reach(config: Config, policy: Policy, daemon: number): readonly DoctorLine[] {
  const subject = 'agents of other users';
  const { path, mode, group } = config.sockets.signer;
  if (group !== null && groupId(group) === null) {
    const finding = `chancery.yaml gives signer.sock to the group ${group}, which does not exist`;
    return [{ subject, verdict: 'fail', finding, fix: `groupadd --system ${group}` }];
  }
  const gid = group === null ? gidOf(path) : groupId(group);
  const others = policy.workloads.map(uidOf).filter((uid) => uid !== null && uid !== 0 && uid !== daemon);
  const uids = [...new Set(others)].filter((uid) => uid !== null);
  if (uids.length === 0) return [];
  const shut = uids.filter((uid) => !mayOpen(path, mode, gid, uid));
  if (shut.length === 0) {
    return [{ subject, verdict: 'ok', finding: `uid ${uids.join(', ')} may open ${path}` }];
  }
  const finding = `uid ${shut.join(', ')} may not open ${path} (mode 0${mode.toString(8)}, group ${String(gid ?? '?')}), by /etc/group and the directories above it`;
  const fix =
    'sockets.signer.group in chancery.yaml, agents in that group, and its search permission (g+x) on the directories above';
  return [{ subject, verdict: 'warn', finding, fix }];
}

function mayOpen(path: string, mode: number, gid: number | null, uid: number): boolean {
  const groups = groupsOf(uid);
  const readAndWrite = groups.some((group) => group === gid) ? 0o060 : 0o006;
  if ((mode & readAndWrite) !== readAndWrite) return false;
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (!maySearch(directory, uid, groups)) return false;
    if (directory === '/') return true;
  }
}

function maySearch(directory: string, uid: number, groups: readonly number[]): boolean {
  try {
    const status = statSync(directory);
    const bit = status.uid === uid ? 0o100 : groups.includes(status.gid) ? 0o010 : 0o001;
    return (status.mode & bit) !== 0;
  } catch {
    return false;
  }
}

/** `unix:path` and `unix:sha256` need the executable of the caller, which another user may not read. */
function recognition(config: Config, policy: Policy, daemon: number): readonly DoctorLine[] {
  const subject = 'executables of agents';
  const concerned = policy.workloads.filter(
    (workload) =>
      uidOf(workload) !== daemon &&
      workload.selectors.some(({ kind }) => kind === 'unix:path' || kind === 'unix:sha256'),
  );
  if (concerned.length === 0) return [];
  const pid = lockHolder(lockPath(config.ledger.directory));
  // Without a daemon to look at, this process stands for it, if it is of the same user.
  const asDaemon = process.geteuid?.() === daemon;
  const may = pid !== null || asDaemon ? mayReadExecutables(pid) : null;
  const who = pid === null ? 'this process' : `the daemon (pid ${String(pid)})`;
  if (may === true) return [{ subject, verdict: 'ok', finding: `${who} may read those of other users` }];
  const ids = concerned.map(({ id }) => id).join(', ');
  const finding =
    may === null
      ? `whether the daemon may read those of other users cannot be told; it must, for ${ids}`
      : `${who} may not read those of other users: unix:path and unix:sha256 never match for ${ids}`;
  return [{ subject, verdict: may === null ? 'warn' : 'fail', finding, fix: FIX }];
}

/** The uid is what keeps agents apart; the capability lets a daemon that is broken into trace everybody. */
const FIX =
  'best: a uid for each agent, and unix:uid (with unix:gid) as its only selectors; else AmbientCapabilities=CAP_SYS_PTRACE in the unit of the daemon';

/** Of the socket when it is there. */
function gidOf(path: string): number | null {
  try {
    return statSync(path).gid;
  } catch {
    return null;
  }
}
