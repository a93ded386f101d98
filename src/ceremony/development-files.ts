import type { TokenIdentity } from '../hsm/token-options.js';
import type { AuthorityText, Threshold } from '../sovereign/authority.js';

/** The workload a development set-up registers for the uid that made it. */
export const DEVELOPMENT_WORKLOAD = 'spiffe://dev.chancery.local/agent';

/** One person is the whole Sovereign of a development set-up. */
export const DEVELOPMENT_THRESHOLD: Threshold = {
  attestation: 1,
  approval: 1,
  policy: 1,
  unfreeze: 1,
  key: 1,
  'accept-rollback': 1,
  watermark: 1,
};

/** chancery.yaml of a development set-up; every path is relative, so only softhsm2.conf knows where it stands. */
export function developmentConfig(name: string, module: string): string {
  return `# How this daemon runs. It chooses paths and sizes; what may be signed is in policy.yaml.
version: 1
name: ${name}
sockets:
  signer: { path: run/signer.sock, mode: "0660" }
  admin: { path: run/admin.sock, mode: "0660" }
ledger: { directory: ledger }
policy: policy.yaml
tokens:
  main:
    module: ${module}
    pin: { file: secrets/pin }
    environment: { SOFTHSM2_CONF: softhsm2.conf }
    sessions: 4
`;
}

export interface DevelopmentPolicy {
  readonly origin: string;
  readonly authority: AuthorityText;
  readonly token: TokenIdentity;
  readonly uid: number;
  /** Base58. */
  readonly wallet: string;
  readonly ledger: string;
}

/** policy.yaml of a development set-up: small limits, so that a mistake is seen before it costs anything. */
export function developmentPolicy({
  origin,
  authority,
  token,
  uid,
  wallet,
  ledger,
}: DevelopmentPolicy): string {
  const thresholds = Object.entries(DEVELOPMENT_THRESHOLD).map(
    ([purpose, count]) => `${purpose}: ${String(count)}`,
  );
  return `# What may be signed. It is in force as the Sovereign signed it: after a change raise \`serial\`, then
# \`chancery policy sign\` and \`chancery policy submit\`.
version: 1
signer: ${origin}
serial: 1
sovereign:
  epoch: 1
  threshold: { ${thresholds.join(', ')} }
  authorities:
    # A key in a file, without a passphrase: for development only. For money: FIDO2 keys or a Ledger, more than one.
    - { id: ${authority.id}, ssh: ${JSON.stringify(authority.ssh ?? '')} }
tokens:
  main:
    manufacturer: ${JSON.stringify(token.manufacturer)}
    model: ${JSON.stringify(token.model)}
    serial: ${JSON.stringify(token.serial)}
    label: ${JSON.stringify(token.label)}
workloads:
  # Every process of this uid is the agent. For money: a uid of its own for each agent, and unix:path.
  - id: ${DEVELOPMENT_WORKLOAD}
    selectors: ["unix:uid:${String(uid)}"]
keys:
  - id: trading-1
    token: main
    object: { label: trading-1 }
    publicKey: ${wallet}
    role: wallet
    workloads: ["${DEVELOPMENT_WORKLOAD}"]
    attestation: { maxAge: 1h }
    limits:
      - { asset: SOL, perTransaction: "0.5 SOL", window: 1h, max: "2 SOL" }
    fee: { perTransaction: "0.001 SOL" }
    programs: [system, token, associated-token, compute-budget, memo]
    # Whoever may receive, up to the limits. For money: list the addresses.
    destinations: any
  - id: ledger
    token: main
    object: { label: ledger }
    publicKey: ${ledger}
    role: ledger
`;
}
