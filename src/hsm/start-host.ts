import { randomBytes } from 'node:crypto';
import { ChanceryError } from '../core/errors.js';
import { enrolKey, verifyStrict } from '../core/ed25519.js';
import { proofMessage, startReplySchema, type HostCommand } from './host-protocol.js';
import { readReply } from './host-reply.js';
import type { KeyReport } from './key-report.js';
import type { TokenIdentity, TokenKey, TokenOptions } from './token-options.js';

/** What a started host is known to hold. */
export interface Started {
  readonly identity: TokenIdentity;
  readonly moduleSha256: string;
  readonly accepted: string;
  readonly reports: readonly KeyReport[];
}

export interface StartRequest {
  readonly command: HostCommand;
  /** Checks the reply. Throws with the codes of `startToken`. */
  readonly finish: (reply: unknown) => Started;
}

/**
 * The first command of a host and the check of its answer: each key must have signed this start's nonce for the
 * public key that is pinned, which a label or an attribute cannot prove.
 */
export function startRequest(
  options: TokenOptions,
  acceptedKey: string,
  accepted: string | null,
): StartRequest {
  const { module, pin, pinned, latchDirectory } = options;
  const nonce = randomBytes(32);
  const keys = options.keys.map(({ id, label, objectId, waivers }) => ({
    id,
    label,
    objectId: objectId ?? null,
    waivers: waivers ?? [],
  }));
  const login = { module, pin, pinned, latchDirectory, accepted, acceptedKey };
  return {
    command: { command: 'start', login, keys, nonce: nonce.toString('hex') },
    finish: (value) => {
      const reply = readReply(startReplySchema, value);
      const message = proofMessage(nonce);
      const reports = options.keys.map((key, index): KeyReport => {
        const found = reply.keys[index];
        if (found === undefined) throw new ChanceryError('HSM_UNAVAILABLE', 'the HSM host left out a key');
        requireProof(key, message, Buffer.from(found.proof, 'hex'));
        return { key: key.id, label: key.label, objectId: found.objectId, findings: found.findings };
      });
      const { identity, moduleSha256 } = reply;
      return { identity, moduleSha256, accepted: reply.accepted, reports };
    },
  };
}

function requireProof(key: TokenKey, message: Uint8Array, signature: Uint8Array): void {
  const publicKey = enrolKey(key.publicKey);
  if (publicKey !== null && verifyStrict(publicKey, message, signature)) return;
  throw new ChanceryError(
    'KEY_UNTRUSTED',
    `key ${key.id}: the private key on the token is not that of the pinned public key`,
    {
      hint: 'compare with `chancery keys list`; pinning another key takes a policy signed by the Sovereign',
    },
  );
}
