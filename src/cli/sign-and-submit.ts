import { addSshSignature, unsigned } from '../ceremony/sign-statement.js';
import type { Policy } from '../policy/policy.js';
import type { OperatorOptions } from './arguments.js';
import { print } from './output.js';
import { writePayload } from './statement-files.js';
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
  { sovereign }: Policy,
): Promise<void> {
  if (options.request !== undefined) {
    await writePayload(options.request, payload, options.config);
    return;
  }
  let statement = unsigned(payload);
  for (const identity of options.identity ?? []) {
    statement = await addSshSignature(statement, identity, sovereign.authorities);
  }
  const submitted = await submitStatement(options, statement);
  print({ text: submittedText(submitted), json: submitted }, options.json);
}
