import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { addArmored, addSshSignatures, withSignature } from '../../ceremony/sign-statement.js';
import { ChanceryError } from '../../core/errors.js';
import type { Authority, Sovereign } from '../../sovereign/authority.js';
import { parseEnvelope, type Envelope, type EnvelopeSignature } from '../../sovereign/envelope.js';
import { inspectStatement } from '../../sovereign/inspect-statement.js';
import { readInput } from '../arguments.js';
import { signaturesText, termsText } from '../inspection-text.js';
import { announce, example, print } from '../output.js';
import { policyOf, readStatementFile, statementPath, writeStatementFile } from '../statement-files.js';

interface SignOptions {
  readonly config?: string;
  readonly policy?: string;
  readonly identity?: string;
  readonly signature?: string;
  readonly authority?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Of a policy a statement has only the digest: whoever signs it must have read the file. */
const READ_THE_POLICY =
  '  what it changes stands in no statement: compare the SHA-256 (policy check) and read it (policy diff)';

export function signCommand(): Command {
  return new Command('sign')
    .description('add one signature to a statement; the first makes FILE.statement.json of FILE.json')
    .argument('<file>', 'what `request` wrote, or the statement it has become')
    .option('--config <file>', 'chancery.yaml')
    .option('--policy <file>', 'policy.yaml in force; from chancery.yaml when absent')
    .option('--identity <file>', 'SSH key, or its .pub file when ssh-agent or a FIDO key holds it')
    .option('--signature <text>', 'made elsewhere: a file of ssh-keygen -Y sign, or base58 of a wallet')
    .option('--authority <id>', 'whose wallet signature it is')
    .option('--out <file>', 'the statement to write')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery attest sign monday.json --config chancery.yaml --identity ~/.ssh/id_ed25519_sk',
        'chancery attest sign monday.statement.json --config chancery.yaml --authority cold --signature 3uZ…',
      ),
    )
    .action(async (file: string, options: SignOptions) => {
      const { sovereign } = await policyOf(options);
      const given = await readStatementFile(file);
      // A statement of another name is added to where it lies: its next reader looks there.
      const out = options.out ?? (given.signatures.length > 0 ? file : statementPath(file));
      const before =
        out !== file && existsSync(out) ? merged(given, await readStatementFile(out), out, sovereign) : given;
      // Before a device asks for a touch: who gives it must have read what for.
      const asked = inspectStatement(before, sovereign);
      await announce(
        asked.kind === 'policy' ? `${termsText(asked)}\n${READ_THE_POLICY}` : termsText(asked),
        options.json,
      );
      const after = await signed(before, options, sovereign.authorities);
      const by = after.signatures.at(-1)?.authority;
      const inspection = inspectStatement(after, sovereign);
      // What others left in the file and does not count spoils nothing; it is shown.
      const fault = inspection.ignored.find(({ authority }) => authority === by);
      if (fault !== undefined) {
        throw new ChanceryError(
          'STATEMENT_INVALID',
          `the signature of ${fault.authority} does not count: ${fault.why}`,
        );
      }
      await writeStatementFile(out, parseEnvelope(after));
      print({ text: `${signaturesText(inspection)}\nwrote ${out}`, json: inspection }, options.json);
    });
}

/** The signatures of both, which must be over the same bytes. One that does not count takes the place of none. */
function merged(given: Envelope, written: Envelope, out: string, sovereign: Sovereign): Envelope {
  if (written.payload !== given.payload) {
    throw new ChanceryError('STATEMENT_INVALID', `${out} is another statement`, {
      hint: 'name another file with --out',
    });
  }
  const counts = (one: EnvelopeSignature): boolean =>
    inspectStatement({ ...given, signatures: [one] }, sovereign).signed.length > 0;
  return given.signatures.reduce((all, one) => {
    const there = all.signatures.some(({ authority }) => authority === one.authority);
    return there && !counts(one) ? all : withSignature(all, one);
  }, written);
}

/** With the new signature, as the last. */
async function signed(
  envelope: Envelope,
  { identity, signature, authority }: SignOptions,
  authorities: readonly Authority[],
): Promise<Envelope> {
  if ((identity === undefined) === (signature === undefined)) {
    throw new ChanceryError('USAGE', 'give either --identity or --signature');
  }
  if (identity !== undefined) return await addSshSignatures(envelope, [identity], authorities);
  if (signature === undefined) return envelope;
  if (authority === undefined)
    return addArmored(envelope, readInput(signature).toString('latin1'), authorities);
  const text = existsSync(signature) ? readInput(signature).toString('latin1').trim() : signature;
  const scheme = authorities.find(({ id }) => id === authority)?.scheme;
  if (scheme === undefined) {
    throw new ChanceryError('USAGE', `the policy has no authority ${JSON.stringify(authority)}`, {
      hint: `it has ${authorities.map(({ id }) => id).join(', ')}`,
    });
  }
  return withSignature(envelope, { authority, scheme, signature: scheme === 'sshsig' ? `${text}\n` : text });
}
