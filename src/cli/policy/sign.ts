import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { policyPayload } from '../../ceremony/policy-payload.js';
import { addSshSignatures, unsigned } from '../../ceremony/sign-statement.js';
import { NO_POLICY } from '../../ceremony/start-ledger.js';
import { loadConfig, type Config } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { printable } from '../../core/printable.js';
import { MACHINE_CLOCK } from '../../os/machine-clock.js';
import { diffPolicies } from '../../policy/diff-policies.js';
import type { Policy } from '../../policy/policy.js';
import type { Envelope } from '../../sovereign/envelope.js';
import { inspectStatement } from '../../sovereign/inspect-statement.js';
import { readStatement } from '../../sovereign/read-statement.js';
import { collect } from '../arguments.js';
import { inForce } from '../in-force.js';
import { signaturesText, termsText } from '../inspection-text.js';
import { announce, example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { requestOrSign, type SigningOptions } from '../request-or-sign.js';
import { shellPath } from '../shell-word.js';
import { readStatementFile, writeStatementFile } from '../statement-files.js';

interface SignOptions extends SigningOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function signCommand(): Command {
  return new Command('sign')
    .description('sign a policy: writes FILE.sig, or adds a signature to it')
    .argument('[file]', 'the new policy.yaml; that of chancery.yaml when absent')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--identity <file>', 'SSH key of an authority in force; may stand several times', collect)
    .option('--request <file>', 'only write what is to be signed, and print how')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery policy sign --config demo/chancery.yaml --identity demo/secrets/sovereign'),
    )
    .action(async (file: string | undefined, options: SignOptions) => {
      const config = loadConfig(options.config);
      const path = file ?? config.policy;
      const { policy: next } = await readPolicyFile(path, config);
      const inForce = await policyBefore(config, path, next);
      const payload = policyPayload(next, inForce, MACHINE_CLOCK.wall());
      const submit = file === undefined ? '' : `${shellPath(path)} `;
      const changes = inForce === null ? [] : diffPolicies(inForce, next);
      // Whoever signs has read no more than this, perhaps, and a first policy changes nothing.
      const said = [...changes, ...next.warnings.map((warning) => `warning: ${warning}`)];
      const then = {
        config: options.config,
        out: `${path}.sig`,
        changes: said,
        next: () =>
          inForce === null
            ? `chancery genesis --config ${shellPath(options.config)}`
            : `chancery policy submit ${submit}--config ${shellPath(options.config)}`,
      };
      const { sovereign } = inForce ?? next;
      const notes = inForce === null ? [`first: there is no ledger in ${config.ledger.directory}`] : [];
      const statement = await requestOrSign(options, payload, then, async (identities) => {
        const { given, replaced } = await begun(then.out, payload);
        if (replaced.length > 0) {
          notes.push(`replaced: what ${replaced.join(', ')} signed does not follow the policy in force`);
        }
        const begin = given ?? unsigned(payload);
        // Before a device asks for a touch: who gives it must have read what for.
        const terms = [termsText(inspectStatement(begin, sovereign)), ...said.map((line) => `  ${line}`)];
        await announce(terms.join('\n'), options.json);
        return await addSshSignatures(begin, identities, sovereign.authorities);
      });
      if (statement === null) return;
      await writeStatementFile(`${path}.sig`, statement);
      const inspection = inspectStatement(statement, sovereign);
      const text = [signaturesText(inspection), ...notes.map((note) => `  ${note}`), `wrote ${path}.sig`];
      print({ text: text.join('\n'), json: { ...inspection, changes } }, options.json);
    });
}

/**
 * The policy in force, which judges the next; null before the ledger has begun, when the first policy follows none. An
 * authority's own machine has no ledger either: there the statement that others have begun says which policy it
 * follows, and policy.yaml must be that. Throws also POLICY_NOT_IN_FORCE.
 */
async function policyBefore(config: Config, path: string, next: Policy): Promise<Policy | null> {
  try {
    return (await inForce(config)).policy;
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.code !== 'LEDGER_MISSING') throw error;
  }
  const signatures = `${path}.sig`;
  const old = existsSync(signatures) ? readStatement(await readStatementFile(signatures)) : null;
  if (old?.kind !== 'policy' || old.payload.sha256 !== next.sha256) return null;
  if (old.payload.previous === NO_POLICY) return null;
  const { policy: own } = await readPolicyFile(config.policy);
  if (own.sha256 === old.payload.previous) return own;
  throw new ChanceryError(
    'POLICY_NOT_IN_FORCE',
    `there is no ledger here, and ${config.policy} is not the policy that ${signatures} follows`,
    { hint: 'put the policy in force there, as `chancery policy show` prints it, and the new one beside it' },
  );
}

/**
 * The statement that others have begun to sign, when it says the same of the same policy; else who had signed another
 * one for it, which is worth nothing any more.
 */
async function begun(
  path: string,
  payload: Uint8Array,
): Promise<{ readonly given: Envelope | null; readonly replaced: readonly string[] }> {
  const none = { given: null, replaced: [] };
  if (!existsSync(path)) return none;
  const found = await readStatementFile(path);
  const [old, wanted] = [readStatement(found), readStatement(unsigned(payload))];
  if (old.kind !== 'policy' || wanted.kind !== 'policy') return none;
  if (old.payload.sha256 !== wanted.payload.sha256) return none;
  const same =
    old.payload.previous === wanted.payload.previous &&
    old.payload.epoch === wanted.payload.epoch &&
    old.payload.signer === wanted.payload.signer;
  if (same) return { given: found, replaced: [] };
  return { given: null, replaced: found.signatures.map(({ authority }) => printable(authority)) };
}
