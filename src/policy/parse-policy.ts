import { z } from 'zod';
import { ChanceryError } from '../core/errors.js';
import { sha256Hex } from '../core/sha256.js';
import { parseStrictYaml, YamlError, type YamlDocument } from '../core/strict-yaml.js';
import type { BlobSource } from './compile-programs.js';
import { compilePolicy, compileTokens } from './compile-policy.js';
import type { Policy, TokenPin } from './policy.js';
import { Problems } from './problems.js';
import { policySchema, type PolicyText } from './schema.js';

/** Bytes of a policy file; one with 2,000 destinations has about 100 kB. */
export const MAX_POLICY_BYTES = 4 * 1024 * 1024;

/**
 * Reads policy.yaml and compiles it: names resolved, amounts in base units, durations in milliseconds, wallets
 * expanded to their derived token accounts. Throws POLICY_INVALID whose message has one line a problem, each with
 * its path and line. Nothing is skipped: a key that is not known is a problem, never ignored.
 *
 * Pure; deriving addresses costs about 100 µs for each destination and asset.
 */
export function parsePolicy(bytes: Uint8Array, options: PolicyOptions = {}): Policy {
  const { text, problems } = readShape(bytes);
  const policy = compilePolicy(text, sha256Hex(bytes), options.blob ?? noBlob, problems);
  problems.check();
  return policy;
}

export interface PolicyOptions {
  /** Where the IDLs of declared programs are: a map of what `policyBlobs` named, read beforehand. */
  readonly blob?: BlobSource;
}

function noBlob(): null {
  return null;
}

/** SHA-256 (hex) of every other file this policy rests on: the IDLs it pins. Throws POLICY_INVALID. */
export function policyBlobs(bytes: Uint8Array): readonly string[] {
  const { text } = readShape(bytes);
  return [...new Set(Object.values(text.programs ?? {}).map(({ idl }) => idl.sha256))];
}

/**
 * The tokens a policy file names, by name, whatever else it says: before the first key exists a draft has nothing
 * else, since the policy names its keys by their public keys. Throws POLICY_INVALID.
 */
export function policyTokens(bytes: Uint8Array): ReadonlyMap<string, TokenPin> {
  const { text, problems } = readAs(z.looseObject({ tokens: policySchema.shape.tokens }), bytes);
  const tokens = compileTokens(text.tokens, problems);
  problems.check();
  return tokens;
}

function readShape(bytes: Uint8Array): { readonly text: PolicyText; readonly problems: Problems } {
  return readAs(policySchema, bytes);
}

function readAs<Text>(
  schema: z.ZodType<Text>,
  bytes: Uint8Array,
): { readonly text: Text; readonly problems: Problems } {
  const document = readDocument(bytes);
  const problems = new Problems((path) => document.lineOf(path));
  const shape = schema.safeParse(document.value);
  if (shape.success) return { text: shape.data, problems };
  problems.addIssues(shape.error.issues);
  return problems.fail();
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
