import { readFileSync } from 'node:fs';
import { noDescriptor } from './no-descriptor.js';

/**
 * The first name that /etc/passwd or /etc/group gives an id, as getpwuid(3) would; null when there is none or the
 * file cannot be read. Local files only: a directory service must not decide who may sign, nor stall the daemon
 * while it is asked. Throws OVERLOADED when no descriptor is left to read it by.
 */
export function firstName(database: 'passwd' | 'group', id: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/etc/${database}`, 'utf8');
  } catch (error) {
    const overloaded = noDescriptor(error);
    if (overloaded !== null) throw overloaded;
    return null;
  }
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':');
    if (number === String(id) && name !== undefined && name !== '') return name;
  }
  return null;
}
