import { createHash } from 'node:crypto';
import bs58 from 'bs58';
import { originOf } from '../../../src/core/origin.js';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import { feeBound } from '../../../src/solana/fee.js';
import { readMessage } from '../../../src/solana/read-message.js';
import type { AuthorizationBody, EntryBody, Envelope, StatementBody } from '../../../src/ledger/entries.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import { namespaceOf, type Kind } from '../../../src/sovereign/kinds/registry.js';
import { publicKeyLine, signSshsig } from '../sshsig-by-hand.js';
import { thresholds } from '../statements.js';
import { WalletAuthority } from '../wallet-authority.js';
import { transferMessage } from './transfer-message.js';

export const START = Date.parse('2026-03-01T10:00:00.000Z');
export const WORKLOAD = 'spiffe://dev.chancery.local/agent';

function seeded(name: string): WalletAuthority {
  return WalletAuthority.fromSeed(name, createHash('sha256').update(name).digest());
}

/** The parties of a made-up but sound ledger: every signature in it is real. */
export const LEDGER_KEY = seeded('ledger');
export const TRADING_KEY = seeded('trading-1');
export const SOVEREIGN = seeded('alice');
export const STRANGER = seeded('stranger');
export const ORIGIN = originOf('demo', LEDGER_KEY.publicKey);

let statements = 0;
export function nextId(): string {
  statements += 1;
  return statements.toString(16).padStart(32, '0');
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function policyText(serial = 1, max = '2 SOL'): string {
  return `version: 1
signer: ${ORIGIN}
serial: ${String(serial)}
sovereign:
  epoch: 1
  threshold: { attestation: 1, approval: 1, policy: 1, unfreeze: 1, key: 1, accept-rollback: 1, watermark: 1 }
  authorities:
    - { id: alice, ssh: "${publicKeyLine(SOVEREIGN)}" }
tokens:
  main: { manufacturer: "SoftHSM project", model: "SoftHSM v2", serial: "0a1b2c3d4e5f6071", label: demo }
workloads:
  - id: ${WORKLOAD}
    selectors: ["unix:uid:1001"]
keys:
  - id: trading-1
    token: main
    object: { label: trading-1 }
    publicKey: ${TRADING_KEY.address}
    role: wallet
    workloads: ["${WORKLOAD}"]
    limits:
      - { asset: SOL, perTransaction: "0.5 SOL", window: 1h, max: "${max}" }
    fee: { perTransaction: "0.001 SOL" }
    programs: [system, memo, compute-budget]
    destinations: ["${STRANGER.address}"]
  - id: ledger
    token: main
    object: { label: ledger }
    publicKey: ${LEDGER_KEY.address}
    role: ledger
`;
}

/** The statement, signed as alice's: by whose key `by` says. */
export function sign<K extends Kind>(
  kind: K,
  fields: PayloadFields<K>,
  by: WalletAuthority = SOVEREIGN,
): Envelope {
  const payload = buildPayload(kind, fields);
  const signature = signSshsig(by, payload, namespaceOf(kind));
  return {
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ authority: 'alice', scheme: 'sshsig', signature }],
  };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function genesis(): EntryBody {
  const statement = sign('genesis', {
    signer: ORIGIN,
    id: nextId(),
    epoch: 1,
    issuedAt: iso(START - 1000),
    publicKey: LEDGER_KEY.address,
    authorities: [{ id: 'alice', ssh: publicKeyLine(SOVEREIGN) }],
    threshold: thresholds(1),
    policy: sha256(policyText()),
  });
  return { type: 'genesis', origin: ORIGIN, publicKey: LEDGER_KEY.address, statement };
}

/** Of a daemon. */
export function start(boot = 'b1'): EntryBody {
  return { type: 'start', boot, version: '0.1.0', modules: { main: 'ab'.repeat(32) } };
}

export function policy(serial = 1, previous = '0'.repeat(64), text = policyText(serial)): EntryBody {
  const id = nextId();
  const fields = {
    signer: ORIGIN,
    id,
    epoch: 1,
    issuedAt: iso(START - 1000),
    serial,
    previous,
    sha256: sha256(text),
  };
  return { type: 'policy', sha256: fields.sha256, serial, id, statement: sign('policy', fields) };
}

export function attestation(
  at: number,
  over: Partial<PayloadFields<'attestation'>> = {},
  by: WalletAuthority = SOVEREIGN,
): StatementBody {
  const fields = {
    signer: ORIGIN,
    id: nextId(),
    epoch: 1,
    issuedAt: iso(at),
    expiresAt: iso(at + 3_600_000),
    workload: WORKLOAD,
    keys: [{ id: 'trading-1', publicKey: TRADING_KEY.address }],
    ...over,
  };
  const statement = sign('attestation', fields, by);
  return { type: 'statement', kind: 'attestation', id: fields.id, authorities: ['alice'], statement };
}

/** The acceptance of a rollback to a ledger with this head. */
export function acceptance(
  at: number,
  head: { readonly size: number; readonly root: string },
): StatementBody {
  const id = nextId();
  const statement = sign('accept-rollback', {
    signer: ORIGIN,
    id,
    epoch: 1,
    issuedAt: iso(at),
    ...head,
  });
  return { type: 'statement', kind: 'accept-rollback', id, authorities: ['alice'], statement };
}

export function unfreeze(freeze: string): EntryBody {
  const id = nextId();
  const statement = sign('unfreeze', { signer: ORIGIN, id, epoch: 1, issuedAt: iso(START - 1000), freeze });
  return { type: 'unfreeze', freeze, id, statement };
}

/** The fee bound of a plain transfer. */
export const FEE = feeBound(
  readMessage(transferMessage(TRADING_KEY.address, STRANGER.address, 1n, 0)),
  pubkeyAt(TRADING_KEY.publicKey),
).lamports;

export function authorization(
  attestation: string,
  nonce: number,
  lamports = 1000n,
  over: Partial<AuthorizationBody> = {},
): AuthorizationBody {
  const message = transferMessage(TRADING_KEY.address, STRANGER.address, lamports, nonce);
  return {
    type: 'authorization',
    request: `request-${String(nonce)}`,
    purpose: 'transaction',
    key: 'trading-1',
    publicKey: TRADING_KEY.address,
    message: message.toString('base64'),
    workload: WORKLOAD,
    peer: { pid: 42, uid: 1001, gid: 1001, exe: '/opt/trader/bin/trader' },
    attestation,
    policy: sha256(policyText()),
    effects: [
      {
        instruction: 0,
        program: 'system',
        name: 'Transfer',
        debits: [
          {
            asset: 'SOL',
            amount: lamports.toString(),
            reason: 'transfer',
            source: TRADING_KEY.address,
            destination: STRANGER.address,
          },
        ],
      },
    ],
    fee: FEE.toString(),
    counted: [
      { unit: 'SOL', amount: (lamports + FEE).toString() },
      { unit: 'fee', amount: FEE.toString() },
      { unit: 'transactions', amount: '1' },
    ],
    ...over,
  };
}

/** The signature the token would make over an authorization's message. */
export function signatureOver(sequence: number, body: AuthorizationBody): EntryBody {
  const signature = bs58.encode(TRADING_KEY.raw(Buffer.from(body.message, 'base64')));
  return { type: 'signature', authorization: String(sequence), signature };
}
