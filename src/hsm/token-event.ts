import type { ErrorCode } from '../core/errors.js';

/** What happened to a token's host process. Nothing in it is secret: no PIN, no message, no signature. */
export type TokenEvent =
  | { readonly type: 'host-started'; readonly token: string; readonly pid: number }
  | {
      readonly type: 'host-ended';
      readonly token: string;
      readonly reason: string;
      readonly inFlight: number;
    }
  | {
      readonly type: 'restarting';
      readonly token: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  | {
      readonly type: 'restart-failed';
      readonly token: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly type: 'latched'; readonly token: string; readonly code: ErrorCode; readonly message: string }
  | {
      readonly type: 'recovered';
      readonly token: string;
      readonly action: string;
      readonly returnValue: string;
    }
  | { readonly type: 'warning'; readonly token: string; readonly message: string };
