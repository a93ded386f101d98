import { z } from 'zod';
import { ReadError } from '../../core/byte-reader.js';
import { strictObject } from '../../core/schema.js';
import { MAX_SIGNATURES, PURPOSES, type AuthorityText, type Threshold } from '../authority.js';
import { fingerprint, parsePublicKeyLine } from '../ssh-public-key.js';
import { address, common, digest, name } from './fields.js';
import { defineKind } from './kind.js';

/** The words of preamble and require are checked with the rest of the authority, by parseAuthority. */
const authority = strictObject({
  id: name,
  ssh: z.string().refine(isPublicKeyLine, 'expected an OpenSSH Ed25519 public key line').optional(),
  solana: address.optional(),
  preamble: z.array(name).max(8).readonly().optional(),
  require: z.array(name).max(8).readonly().optional(),
}) satisfies z.ZodType<AuthorityText>;

const count = z.int().min(1).max(MAX_SIGNATURES);
const threshold = strictObject({
  attestation: count,
  approval: count,
  policy: count,
  unfreeze: count,
  key: count,
  'accept-rollback': count,
  watermark: count,
}) satisfies z.ZodType<Threshold>;

const schema = strictObject({
  type: z.literal('genesis/v1'),
  ...common,
  /** The ledger key, base58; the origin in `signer` is made from it. */
  publicKey: address,
  authorities: z.array(authority).min(1).max(MAX_SIGNATURES).readonly(),
  threshold,
  /** SHA-256 of the first policy.yaml. */
  policy: digest,
});

export type Genesis = z.infer<typeof schema>;

/** Entry 0 of a ledger. Signed by the authorities it names itself: whoever relies on the ledger compares them. */
export const genesis = defineKind({
  kind: 'genesis',
  type: 'genesis/v1',
  purpose: 'policy',
  schema,
  figures: (payload) => [
    `ledger key ${payload.publicKey}`,
    ...payload.authorities.map((item) => `authority ${authorityText(item)}`),
    `threshold ${thresholdText(payload.threshold)}`,
    `policy ${payload.policy}`,
  ],
  grants: (payload) => [
    `starts the ledger of ${payload.signer} with key ${payload.publicKey}`,
    ...payload.authorities.map((item) => `makes ${authorityText(item)} an authority`),
    `asks for this many signatures: ${thresholdText(payload.threshold)}`,
    `names ${payload.policy} as the first policy`,
  ],
});

/** The fingerprint, as `ssh-keygen -l` prints it, and never the comment, which is free text. */
function authorityText(item: AuthorityText): string {
  const ssh = item.ssh === undefined ? null : parsePublicKeyLine(item.ssh);
  const key = ssh === null ? `solana ${item.solana ?? ''}` : `${ssh.type} ${fingerprint(ssh)}`;
  const words = [...(item.require ?? []), ...(item.preamble ?? [])];
  return `${item.id} ${key}${words.length === 0 ? '' : ` (${words.join(' ')})`}`;
}

function isPublicKeyLine(line: string): boolean {
  try {
    parsePublicKeyLine(line);
    return true;
  } catch (error) {
    if (error instanceof ReadError) return false;
    throw error;
  }
}

function thresholdText(threshold: Threshold): string {
  return PURPOSES.map((purpose) => `${purpose} ${String(threshold[purpose])}`).join(' ');
}
