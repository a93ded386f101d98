import type { ChanceryError } from '../core/errors.js';

/** One thing `doctor` looked at. `warn`: works, but an operator should know; `fail`: the daemon will not run so. */
export interface DoctorLine {
  readonly subject: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** One sentence, lower case, no full stop. */
  readonly finding: string;
  /** What to do, when there is something to do. */
  readonly fix?: string | undefined;
}

/** What refused to work, with what its error says to do. */
export function failLine(subject: string, { code, message, hint }: ChanceryError): DoctorLine {
  return { subject, verdict: 'fail', finding: `${code}: ${message}`, fix: hint };
}

/** The `fix` of what this user may not look at. */
export const AS_DAEMON = 'run doctor as the user of the daemon';
