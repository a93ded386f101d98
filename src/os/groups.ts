import { accountLines, type AccountFile } from './account-files.js';

/** (gid_t)-1 is "no group" to the kernel. */
const NO_ID = 0xffff_ffff;

/** The number of a group, given by its number or its name in /etc/group; null when there is no such name. */
export function groupId(group: string): number | null {
  if (/^\d+$/.test(group)) return Number(group) < NO_ID ? Number(group) : null;
  return groups().find(({ name }) => name === group)?.gid ?? null;
}

/** The groups that /etc/passwd and /etc/group give a uid; a service manager may give a process more. */
export function groupsOf(uid: number): readonly number[] {
  const account = linesOf('passwd').find(([, , id]) => id === String(uid));
  if (account === undefined) return [];
  const [user = '', , , primary = ''] = account;
  const further = groups().filter(({ members }) => members.includes(user));
  return [Number(primary), ...further.map(({ gid }) => gid)];
}

/**
 * Whether /etc/passwd and /etc/group put nobody but these users in a group. Of one they do not know anybody may be, so
 * that is not said of it. `lines` gives those of the one or the other.
 */
export function hasOnly(gid: number, uids: readonly number[], lines: Lines = linesOf): boolean {
  const accounts = lines('passwd');
  const primary = accounts.filter(([, , , group]) => group === String(gid)).map(([user]) => user);
  const further = groups(lines).flatMap((group) => (group.gid === gid ? group.members : []));
  const members = [...primary, ...further].filter((user) => user !== '');
  const known = accounts.filter(([, , uid]) => uids.map(String).includes(uid ?? '')).map(([user]) => user);
  return members.length > 0 && members.every((user) => known.includes(user));
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function groups(lines: Lines = linesOf): Group[] {
  return lines('group').flatMap(([name = '', , gid = '', members = '']) =>
    /^\d+$/.test(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [],
  );
}

type Lines = (file: AccountFile) => readonly (readonly string[])[];

/** None where the file cannot be read. */
function linesOf(file: AccountFile): string[][] {
  try {
    return accountLines(file);
  } catch {
    return [];
  }
}
