import { readFileSync } from 'node:fs';

export type AccountFile = 'passwd' | 'group';

/**
 * The lines of /etc/passwd or /etc/group as their fields. The file alone, no directory service: that must neither
 * decide who reaches a socket or may sign, nor stall the daemon while it is asked. Throws the system's error.
 */
export function accountLines(file: AccountFile): string[][] {
  return readFileSync(`/etc/${file}`, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
