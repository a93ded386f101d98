import { ChanceryError, isWireCode, type Failure, type WireCode } from '../core/errors.js';
import { INVALID_PARAMS, RPC_NUMBERS } from './codes.js';

/** JSON-RPC's `error`. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: WireErrorData;
}

export interface WireErrorData {
  readonly code: WireCode;
  /** Every rule that failed, with its figures; empty when it is not a matter of rules. */
  readonly failures: readonly Failure[];
  /** What to do next. */
  readonly hint?: string;
  /** The request id in the daemon's log and ledger; absent when no request was read. */
  readonly request?: string;
}

/**
 * What a caller is told of an error thrown while its request was answered. A ChanceryError with a wire code says
 * what it says; everything else, local codes included, is INTERNAL: messages and paths of other errors are the
 * daemon's own. The caller logs the original under the same request id.
 */
export function toWireError(error: unknown, request?: string): WireError {
  if (!(error instanceof ChanceryError) || !isWireCode(error.code)) {
    return {
      code: RPC_NUMBERS.INTERNAL,
      message: 'the daemon failed to answer',
      data: {
        code: 'INTERNAL',
        failures: [],
        hint: 'give the request id to the operator: the log says more',
        ...(request === undefined ? {} : { request }),
      },
    };
  }
  const { code, message, failures, hint } = error;
  return {
    code: code === 'MALFORMED_REQUEST' && request !== undefined ? INVALID_PARAMS : RPC_NUMBERS[code],
    message,
    data: {
      code,
      failures,
      ...(hint === undefined ? {} : { hint }),
      ...(request === undefined ? {} : { request }),
    },
  };
}
