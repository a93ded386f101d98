import { systemCode } from '../core/files.js';

/** Whether this process, or the machine, had no descriptor left: it says nothing of what was to be opened. */
export function outOfDescriptors(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'EMFILE' || code === 'ENFILE';
}
