import type { SocketConfig } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import { groupId } from '../os/groups.js';

/** A socket of chancery.yaml, its group as a number. Throws CONFIG_INVALID when there is no such group. */
export function socketOptions({ path, mode, group }: SocketConfig): {
  readonly path: string;
  readonly mode: number;
  readonly gid: number | null;
} {
  const gid = group === null ? null : groupId(group);
  if (group !== null && gid === null) {
    throw new ChanceryError(
      'CONFIG_INVALID',
      `the socket ${path} is for the group ${group}, which does not exist`,
      {
        hint: `groupadd --system ${group}, or correct chancery.yaml`,
      },
    );
  }
  return { path, mode, gid };
}
