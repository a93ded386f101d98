import { addSshSignature, unsigned } from '../ceremony/sign-statement.js';
import { ChanceryError } from '../core/errors.js';
import type { Authority } from '../sovereign/authority.js';
import type { OperatorOptions } from './arguments.js';
import { print } from './output.js';
import { thenSubmitted, writePayload } from './statement-files.js';
import { submitStatement, submittedText } from './submit-statement.js';

export interface SignAndSubmitOptions extends OperatorOptions {
  readonly config: string;
  readonly identity?: readonly string[];
  readonly request?: string;
  readonly json?: boolean;
}

/** With `--request` only writes what is to be signed; else signs with every `--identity` and brings it into force. */
export async function signAndSubmit(
  options: SignAndSubmitOptions,
  payload: Uint8Array,
  authorities: () => Promise<readonly Authority[]>,
): Promise<void> {
  if (options.request !== undefined) {
    await writePayload(options.request, payload, thenSubmitted(options.config));
    return;
  }
  if (options.identity === undefined) {
    throw new ChanceryError('USAGE', 'say who signs: --identity KEYFILE, or --request FILE');
  }
  let statement = unsigned(payload);
  for (const identity of options.identity) {
    statement = await addSshSignature(statement, identity, await authorities());
  }
  const submitted = await submitStatement(options, statement);
  print({ text: submittedText(submitted), json: submitted }, options.json);
}
