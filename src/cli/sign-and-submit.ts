import { addSshSignatures, unsigned } from '../ceremony/sign-statement.js';
import { ChanceryError } from '../core/errors.js';
import type { Authority } from '../sovereign/authority.js';
import type { OperatorOptions } from './arguments.js';
import { print } from './output.js';
import { requestOrSign, type SigningOptions } from './request-or-sign.js';
import { thenSubmitted } from './statement-files.js';
import { submitStatement, submittedText } from './submit-statement.js';

export interface SignAndSubmitOptions extends OperatorOptions, SigningOptions {
  readonly config: string;
}

/**
 * A statement that too few have signed and that stands in no file is gone: the hint to let others sign the same file
 * would lead nowhere. `kept` is the option that makes one. Throws what `submit` throws.
 */
export async function unlessTooFew<Result>(kept: string, submit: () => Promise<Result>): Promise<Result> {
  try {
    return await submit();
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.code !== 'QUORUM_NOT_MET') throw error;
    throw new ChanceryError(error.code, error.message, {
      cause: error,
      failures: error.failures,
      hint: `it was not kept: give --identity once for each who must sign, or write it for the others with ${kept}`,
    });
  }
}

/** With `--request` only writes what is to be signed; else signs with every `--identity` and brings it into force. */
export async function signAndSubmit(
  options: SignAndSubmitOptions,
  payload: Uint8Array,
  authorities: () => Promise<readonly Authority[]>,
): Promise<void> {
  const statement = await requestOrSign(options, payload, thenSubmitted(options.config), async (identities) =>
    addSshSignatures(unsigned(payload), identities, await authorities()),
  );
  if (statement === null) return;
  const submitted = await unlessTooFew('--request FILE', () => submitStatement(options, statement));
  print({ text: submittedText(submitted), json: submitted }, options.json);
}
