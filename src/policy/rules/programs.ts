import type { Failure } from '../../core/errors.js';
import { toAddress } from '../../core/pubkey.js';
import type { Inquiry } from '../inquiry.js';
import { at, where } from './at.js';

/**
 * Every instruction's program must be listed, those that never touch the key too: a list that says which
 * programs a transaction may call is read as just that.
 */
export function programsRule({ assessment, key, path }: Inquiry): readonly Failure[] {
  const failures: Failure[] = [];
  for (const report of assessment.instructions) {
    const name = report.programName;
    const denied = name !== null && key.deny.programs.has(name);
    if (name !== null && key.programs.has(name) && !denied) continue;
    // An unknown program has said so already.
    if (!denied && report.refusals.some(({ code }) => code === 'PROGRAM_NOT_ALLOWED')) continue;
    const program = toAddress(report.program);
    failures.push({
      code: 'PROGRAM_NOT_ALLOWED',
      message: `${where(report)}: program ${name ?? program} is ${denied ? 'denied' : 'not among those'} for key ${key.id}`,
      ...at(report),
      program,
      rule: denied ? `${path}.deny.programs` : `${path}.programs`,
    });
  }
  return failures;
}
