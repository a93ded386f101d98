import { formatTime } from '../core/clock.js';
import { encodeBase58 } from '../core/base58.js';
import { ChanceryError } from '../core/errors.js';
import type { Policy } from '../policy/policy.js';
import type { Authority, Preamble, Requirement } from '../sovereign/authority.js';
import { buildPayload } from '../sovereign/build-payload.js';
import { toSshString } from '../sovereign/ssh-wire.js';
import { newStatementId } from './sign-statement.js';

/**
 * What the authorities of a first policy sign to start its ledger: the ledger key, the authorities, the thresholds and
 * the digest, all taken from the policy. Throws POLICY_INVALID when it names no ledger key.
 */
export function genesisPayload(policy: Policy, now: number): Uint8Array {
  const ledgerKey = [...policy.keys.values()].find(({ role }) => role === 'ledger');
  if (ledgerKey === undefined) throw new ChanceryError('POLICY_INVALID', 'the policy names no ledger key');
  return buildPayload('genesis', {
    signer: policy.signer,
    id: newStatementId(),
    epoch: policy.sovereign.epoch,
    issuedAt: formatTime(now),
    publicKey: ledgerKey.address,
    authorities: policy.sovereign.authorities.map(authorityText),
    threshold: policy.sovereign.threshold,
    policy: policy.sha256,
  });
}

interface WrittenAuthority {
  id: string;
  ssh?: string;
  solana?: string;
  preamble?: Preamble[];
  require?: Requirement[];
}

/** An authority as it stands in a statement; the inverse of `parseAuthority`, without the comment of its key. */
function authorityText(authority: Authority): WrittenAuthority {
  switch (authority.scheme) {
    case 'sshsig': {
      const { id, keyType, key, application, require } = authority;
      const fields = [
        Buffer.from(keyType),
        key.bytes,
        ...(application === undefined ? [] : [Buffer.from(application)]),
      ];
      const blob = Buffer.concat(fields.map((field) => toSshString(field)));
      return {
        id,
        ssh: `${keyType} ${blob.toString('base64')}`,
        ...(keyType === 'ssh-ed25519' ? {} : { require: [...require] }),
      };
    }
    case 'solana-offchain':
      return {
        id: authority.id,
        solana: encodeBase58(authority.key.bytes),
        preamble: [...authority.preambles],
      };
  }
}
