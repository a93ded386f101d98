import { ChanceryError } from '../core/errors.js';
import { sha256Hex } from '../core/sha256.js';
import { parseStrictYaml, YamlError, type YamlDocument } from '../core/strict-yaml.js';
import { compilePolicy } from './compile-policy.js';
import type { Policy } from './policy.js';
import { Problems } from './problems.js';
import { policySchema } from './schema.js';

/** Bytes of a policy file; one with 2,000 destinations has about 100 kB. */
export const MAX_POLICY_BYTES = 4 * 1024 * 1024;

/**
 * Reads policy.yaml and compiles it: names resolved, amounts in base units, durations in milliseconds, wallets
 * expanded to their derived token accounts. Throws POLICY_INVALID whose message has one line a problem, each with
 * its path and line. Nothing is skipped: a key that is not known is a problem, never ignored.
 *
 * Pure; deriving addresses costs about 100 µs for each destination and asset.
 */
export function parsePolicy(bytes: Uint8Array): Policy {
  const document = readDocument(bytes);
  const problems = new Problems((path) => document.lineOf(path));
  const shape = policySchema.safeParse(document.value);
  if (!shape.success) problems.addIssues(shape.error.issues);
  problems.check();
  const policy = shape.success ? compilePolicy(shape.data, sha256Hex(bytes), problems) : null;
  problems.check();
  if (policy === null) throw new ChanceryError('POLICY_INVALID', 'the policy could not be compiled');
  return policy;
}

function readDocument(bytes: Uint8Array): YamlDocument {
  try {
    return parseStrictYaml(bytes, MAX_POLICY_BYTES);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const where = error.line === null ? '' : `line ${String(error.line)}: `;
    throw new ChanceryError('POLICY_INVALID', where + error.message, { cause: error });
  }
}
