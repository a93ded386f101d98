import type { ErrorCode } from '../core/errors.js';
import { LOCAL_ERROR_GUIDE } from './local-error-guide.js';
import { WIRE_ERROR_GUIDE } from './wire-error-guide.js';

/** What a code means to the two people who meet it. Sentences, in lower case where they continue a table. */
export interface ErrorAdvice {
  /** When it is answered. */
  readonly cause: string;
  /** A message as it is sent or printed. */
  readonly example: string;
  /** What the agent, or whoever ran the command, does. */
  readonly agent: string;
  /** What the operator does. */
  readonly operator: string;
}

/** Every code there is: docs/errors.md is made of it, and the compiler asks for what is missing. */
export const ERROR_GUIDE = {
  ...WIRE_ERROR_GUIDE,
  ...LOCAL_ERROR_GUIDE,
} as const satisfies Record<ErrorCode, ErrorAdvice>;
