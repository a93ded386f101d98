import { decodeBase64 } from '../../core/base64.js';
import { canonicalJson, type JsonValue } from '../../core/canonical-json.js';
import { ChanceryError } from '../../core/errors.js';
import type { AuthorizationBody, DenialBody, EntryBody } from '../../ledger/entries.js';
import { effectsOf } from '../../policy/explain/effects.js';
import { transactionFacts } from '../../policy/explain/explain.js';
import type { Explanation } from '../../policy/explain/explanation.js';
import type { Policy } from '../../policy/policy.js';
import { assess } from '../../solana/assess.js';
import { readMessage } from '../../solana/read-message.js';
import { loadPolicy } from '../load-policy.js';
import { readEntries } from '../read-entries.js';
import { listSegments, type LedgerFiles } from '../read/segments.js';

/**
 * What the transaction of an authorization or a refusal does, read again by today's code under the policy of then;
 * null for entries without a transaction, or when policy or message cannot be read. No rule is asked again: that is
 * what a replay does.
 */
export async function explainEntry(
  files: LedgerFiles,
  sequence: number,
  entry: EntryBody,
): Promise<Explanation | null> {
  const { directory } = files;
  if (entry.type === 'authorization') {
    const policy = await loadPolicy(directory, entry.policy);
    return 'keys' in policy ? explainAuthorization(policy, entry) : null;
  }
  if (entry.type !== 'denial' || entry.message === undefined) return null;
  const sha256 = await policyBefore(files, sequence);
  const policy = sha256 === null ? null : await loadPolicy(directory, sha256);
  return policy !== null && 'keys' in policy ? explainDenial(policy, entry) : null;
}

/** Null when it came into force in segments that are not there. */
async function policyBefore(files: LedgerFiles, sequence: number): Promise<string | null> {
  const [first] = await listSegments(files);
  let sha256: string | null = null;
  const filter = { types: new Set(['policy'] as const) };
  for await (const { entry } of readEntries({ ...files, from: first?.first ?? 0, to: sequence, filter })) {
    if (entry.type === 'policy') ({ sha256 } = entry);
  }
  return sha256;
}

const NOTHING_ASKED = { limits: [], exposure: [], checks: [], advice: [] } as const;

function explainAuthorization(policy: Policy, entry: AuthorizationBody): Explanation | null {
  const read = facts(policy, entry.key, entry.message);
  if (read === null) return null;
  const same = canonicalJson(read.effects) === canonicalJson([...entry.effects]);
  return {
    ...read.facts,
    ...NOTHING_ASKED,
    decision: 'signed',
    failures: [],
    fee: entry.fee,
    counted: entry.counted,
    ...(entry.repeats === undefined ? {} : { repeats: entry.repeats }),
    ...(same ? {} : { assumed: ['this version reads the message otherwise than the entry recorded it'] }),
  };
}

function explainDenial(policy: Policy, entry: DenialBody): Explanation | null {
  const { key, message } = entry;
  const read = key === undefined || message === undefined ? null : facts(policy, key, message);
  if (read === null) return null;
  const failures = entry.codes.map((code) => ({ code, message: code }));
  return { ...read.facts, ...NOTHING_ASKED, decision: 'deny', failures, counted: [] };
}

function facts(policy: Policy, keyId: string, message: string) {
  const key = policy.keys.get(keyId);
  const bytes = decodeBase64(message);
  if (key === undefined || bytes === null) return null;
  try {
    const assessment = assess(readMessage(bytes), key.context);
    const effects: JsonValue = effectsOf(policy, key, assessment);
    return { facts: transactionFacts(policy, key, assessment), effects };
  } catch (error) {
    if (error instanceof ChanceryError) return null;
    throw error;
  }
}
