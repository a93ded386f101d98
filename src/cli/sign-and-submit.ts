import { addSshSignatures, unsigned } from '../ceremony/sign-statement.js';
import type { Authority } from '../sovereign/authority.js';
import type { OperatorOptions } from './arguments.js';
import { print } from './output.js';
import { requestOrSign, type SigningOptions } from './request-or-sign.js';
import { thenSubmitted } from './statement-files.js';
import { submitStatement, submittedText } from './submit-statement.js';

export interface SignAndSubmitOptions extends OperatorOptions, SigningOptions {
  readonly config: string;
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
  const submitted = await submitStatement(options, statement);
  print({ text: submittedText(submitted), json: submitted }, options.json);
}
