import { accountLines, type AccountFile } from '../os/account-files.js';
import { noDescriptor } from './no-descriptor.js';

/**
 * The first name that /etc/passwd or /etc/group gives an id, as getpwuid(3) would; null when there is none or the
 * file cannot be read. Throws OVERLOADED when no descriptor is left to read it by.
 */
export function firstName(file: AccountFile, id: number): string | null {
  try {
    const found = accountLines(file).find(([name, , number]) => number === String(id) && name !== '');
    return found?.[0] ?? null;
  } catch (error) {
    const overloaded = noDescriptor(error);
    if (overloaded !== null) throw overloaded;
    return null;
  }
}
