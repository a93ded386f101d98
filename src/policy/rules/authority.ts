import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import { quote } from '../../core/schema.js';
import type { Inquiry } from '../inquiry.js';

/** Whether the key may sign anything now, for this workload and purpose. */
export function authorityRule({ question, key, state, path }: Inquiry): readonly Failure[] {
  const failures: Failure[] = [];
  const freeze = state.frozen(key.address);
  if (freeze !== null) {
    const since = formatTime(freeze.time);
    failures.push({
      code: 'KEY_FROZEN',
      message: `key ${key.id} is frozen since ${since}: ${quote(freeze.reason)}`,
    });
  }
  if (state.latched(key.address)) {
    failures.push({
      code: 'HSM_UNAVAILABLE',
      message: `key ${key.id} is latched: a signature its token made did not verify`,
    });
  }
  if (state.retired(key.address)) {
    failures.push({ code: 'KEY_RETIRED', message: `key ${key.id} is retired` });
  }
  if (!key.workloads.has(question.workload)) {
    failures.push({
      code: 'KEY_NOT_GRANTED',
      message: `the policy does not grant key ${key.id} to this workload`,
      rule: `${path}.workloads`,
    });
  }
  if (key.role !== 'wallet' || question.purpose !== 'transaction') {
    failures.push({
      code: 'INSTRUCTION_NOT_ALLOWED',
      message: `a key of role ${key.role} does not sign a ${question.purpose}`,
      rule: `${path}.role`,
    });
  }
  return failures;
}
