import type {
  AuthorizationBody,
  EntryBody,
  Envelope,
  FreezeBody,
  GenesisBody,
  PolicyBody,
  StatementBody,
} from '../../src/ledger/entries.js';

/** Entry bodies for tests of the ledger: the fold reads statements, nobody verifies their signatures here. */
export const ORIGIN = 'chancery.local/test/0123456789abcdef';
export const KEY = '7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2';
export const OTHER_KEY = '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin';
export const WORKLOAD = 'spiffe://test/agent';

/** Statement ids are 128 bits; tests number them. */
export function statementId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function envelope(payload: Readonly<Record<string, unknown>>): Envelope {
  return { payload: Buffer.from(JSON.stringify(payload)).toString('base64'), signatures: [] };
}

export function genesis(): GenesisBody {
  return {
    type: 'genesis',
    origin: ORIGIN,
    publicKey: OTHER_KEY,
    statement: envelope({ type: 'genesis/v1', id: statementId(1) }),
  };
}

export function policy(serial = 1): PolicyBody {
  const id = statementId(1000 + serial);
  return {
    type: 'policy',
    sha256: 'ab'.repeat(32),
    serial,
    id,
    statement: envelope({ type: 'policy/v1', id }),
  };
}

export interface AttestationParts {
  readonly number?: number;
  readonly workload?: string;
  readonly keys?: readonly { readonly id: string; readonly publicKey: string }[];
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly rest?: Readonly<Record<string, unknown>>;
}

export function attestation(parts: AttestationParts = {}): StatementBody {
  const id = statementId(parts.number ?? 2);
  const issuedAt = parts.issuedAt ?? Date.parse('2026-01-01T00:00:00Z');
  return {
    type: 'statement',
    kind: 'attestation',
    id,
    authorities: ['alice'],
    statement: envelope({
      type: 'attestation/v1',
      id,
      epoch: 1,
      issuedAt: new Date(issuedAt).toISOString(),
      expiresAt: new Date(parts.expiresAt ?? issuedAt + 3_600_000).toISOString(),
      workload: parts.workload ?? WORKLOAD,
      keys: parts.keys ?? [{ id: 'trading-1', publicKey: KEY }],
      ...parts.rest,
    }),
  };
}

export function authorization(parts: Partial<AuthorizationBody> = {}): AuthorizationBody {
  return {
    type: 'authorization',
    request: 'request-1',
    purpose: 'transaction',
    key: 'trading-1',
    publicKey: KEY,
    message: Buffer.from('message').toString('base64'),
    workload: WORKLOAD,
    peer: { pid: 1, uid: 1000, gid: 1000, exe: '/usr/bin/agent' },
    attestation: statementId(2),
    policy: 'ab'.repeat(32),
    effects: [{ type: 'transfer', lamports: '5' }],
    fee: '5000',
    counted: [
      { unit: 'SOL', amount: '5' },
      { unit: 'transactions', amount: '1' },
    ],
    ...parts,
  };
}

export function signature(sequence: number): EntryBody {
  return { type: 'signature', authorization: String(sequence), signature: 'sig' };
}

export function freeze(publicKey?: string): FreezeBody {
  return {
    type: 'freeze',
    ...(publicKey === undefined ? {} : { key: 'trading-1', publicKey }),
    reason: 'test',
    by: { uid: 0, pid: 1 },
  };
}
