import { formatTime } from '../core/clock.js';
import { encodeBase58 } from '../core/base58.js';
import { ChanceryError } from '../core/errors.js';
import { originOf } from '../core/origin.js';
import { pubkeyBytes } from '../core/pubkey.js';
import type { Policy } from '../policy/policy.js';
import type { Authority, Preamble, Requirement } from '../sovereign/authority.js';
import { buildPayload } from '../sovereign/build-payload.js';
import { toSshString } from '../sovereign/ssh-wire.js';
import { newStatementId } from './sign-statement.js';

/**
 * What the authorities of a first policy sign to start its ledger: the ledger key, the authorities, the thresholds and
 * the digest, all taken from the policy. `name` is that of chancery.yaml. Throws POLICY_INVALID when the policy names no
 * ledger key, or another signer than the name and that key make: it would be found out only when all have signed.
 */
export function genesisPayload(policy: Policy, name: string, now: number): Uint8Array {
  const ledgerKey = [...policy.keys.values()].find(({ role }) => role === 'ledger');
  if (ledgerKey === undefined) throw new ChanceryError('POLICY_INVALID', 'the policy names no ledger key');
  const origin = originOf(name, pubkeyBytes(ledgerKey.publicKey));
  if (policy.signer !== origin) {
    throw new ChanceryError(
      'POLICY_INVALID',
      `signer: ${policy.signer} is not what the name in chancery.yaml and the ledger key make`,
      { hint: `set it to ${origin}` },
    );
  }
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
