import type { Waiver } from '../core/key-checks.js';
import type { AddressBook } from './address-book.js';
import type { Pubkey } from '../core/pubkey.js';
import type { KeyContext } from '../solana/assessment.js';
import type { DeclaredProgram } from '../solana/declared/declared-program.js';
import type { Sovereign } from '../sovereign/authority.js';
import type { Selector } from '../identity/selector.js';
import type { Subject } from './policy-state.js';

/** Windows a spend limit may have; rates may also use `1m`. */
export const SPEND_WINDOWS = ['10m', '1h', '24h', '7d', '30d'] as const;
export type SpendWindow = (typeof SPEND_WINDOWS)[number];
export type RateWindow = '1m' | SpendWindow;

/** policy.yaml, parsed, resolved and ready for `decide`. Amounts in base units, durations in milliseconds. */
export interface Policy {
  /** SHA-256 hex of the exact bytes. */
  readonly sha256: string;
  readonly serial: number;
  /** The ledger's origin this policy is for. */
  readonly signer: string;
  readonly sovereign: Sovereign;
  readonly tokens: ReadonlyMap<string, TokenPin>;
  /** Where checkpoints of the ledger must stand outside it; empty: an older copy of it is not noticed. */
  readonly anchors: readonly AnchorPolicy[];
  /** By name; `SOL` included. */
  readonly assets: ReadonlyMap<string, AssetPolicy>;
  /** The declared tokens by `mintId(program, mint)`. */
  readonly mints: ReadonlyMap<string, AssetPolicy>;
  /** Contents of the pinned lookup tables, by address. */
  readonly tables: ReadonlyMap<Pubkey, readonly Pubkey[]>;
  /** Declared programs by name. */
  readonly programs: ReadonlyMap<string, DeclaredProgram>;
  readonly workloads: readonly WorkloadPolicy[];
  /** By id. */
  readonly keys: ReadonlyMap<string, KeyPolicy>;
  /** Token accounts derived for wallets, memoised: for the destinations of an attestation's scope. */
  readonly book: AddressBook;
  /** What is allowed but probably not meant, for `policy check`. */
  readonly warnings: readonly string[];
}

/** What the token must say of itself at start. */
export interface TokenPin {
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly label: string;
}

/** `lag`: how long signing goes on while the anchor does not follow the ledger, in milliseconds. */
export type AnchorPolicy =
  | { readonly kind: 'file'; readonly path: string; readonly lag: number }
  | { readonly kind: 'token'; readonly token: string; readonly lag: number }
  /** `witnesses`: a C2SP tlog-policy that was read once and found good. */
  | { readonly kind: 'witness'; readonly witnesses: string; readonly lag: number };

export interface AssetPolicy {
  /** `SOL` or the declared name: the unit of its counts. */
  readonly name: string;
  readonly decimals: number;
  /** Null for SOL. */
  readonly token: { readonly program: Pubkey; readonly mint: Pubkey } | null;
}

export interface WorkloadPolicy {
  readonly id: string;
  readonly selectors: readonly Selector[];
}

export type KeyRole = 'wallet' | 'validator-identity' | 'vote-authority' | 'ledger';

export interface KeyPolicy {
  readonly id: string;
  readonly token: string;
  readonly object: { readonly label: string; readonly id?: string; readonly waivers: readonly Waiver[] };
  readonly publicKey: Pubkey;
  /** The same in base58, as it stands in entries. */
  readonly address: string;
  readonly role: KeyRole;
  readonly workloads: ReadonlySet<string>;
  readonly attestation: AttestationRule;
  /** In the order of the file, for `rule` paths. */
  readonly limits: readonly SpendLimit[];
  /** Null: may not pay fees. */
  readonly fee: { readonly perTransaction: bigint } | null;
  readonly programs: ReadonlySet<string>;
  /** Pubkeys that may receive, derived token accounts included; `any` lifts the rule. */
  readonly destinations: ReadonlySet<Pubkey> | 'any';
  /** The destinations as they are listed; empty for `any`. */
  readonly wallets: readonly Pubkey[];
  readonly ownAccounts: 'counted' | 'trusted';
  /** Never empty; 600 a minute when the file has none. */
  readonly rates: readonly RateLimit[];
  readonly hours: Hours | null;
  readonly deny: {
    /** Derived token accounts included. */
    readonly accounts: ReadonlySet<Pubkey>;
    /** Their first four bytes (big-endian), by which they are looked for in instruction data. */
    readonly prefixes: ReadonlySet<number>;
    readonly programs: ReadonlySet<string>;
  };
  /** Null: only the bounds every transaction has. */
  readonly maxInstructions: number | null;
  readonly maxSigners: number | null;
  /** Keys that must be required signers too. */
  readonly coSigners: readonly Pubkey[];
  /** What a memo of the transaction must begin with (the empty text: any memo); null when none is needed. */
  readonly memo: string | null;
  /** Derived once when the policy is loaded. */
  readonly context: KeyContext;
}

export interface AttestationRule {
  readonly maxAge: number;
  readonly challenge: 'optional' | 'required';
  readonly possession: 'optional' | 'required';
}

export interface RateLimit {
  readonly max: number;
  readonly window: RateWindow;
  readonly scope: KeyScope | WorkloadScope;
}

/** Everything the key spends. */
export interface KeyScope {
  readonly kind: 'key';
}

/** What the key spends for one workload; `each`: for whichever asks. */
export interface WorkloadScope {
  readonly kind: 'workload';
  readonly workload: string;
}

/** What the key spends on one destination: the sum over its accounts; `each`: over every receiving account. */
export interface DestinationScope {
  readonly kind: 'destination';
  readonly destination:
    | {
        readonly address: string;
        readonly accounts: ReadonlySet<Pubkey>;
        /** Whose meters they are, one for each account. */
        readonly subjects: readonly Subject[];
      }
    | 'each';
}

export type LimitScope = KeyScope | WorkloadScope | DestinationScope;

export interface SpendLimit {
  readonly asset: AssetPolicy;
  readonly perTransaction: bigint | null;
  readonly window: SpendWindow;
  readonly max: bigint;
  /** A limit of a narrower scope opens no asset: one for the whole key must stand beside it. */
  readonly scope: LimitScope;
}

/** Open from `from` to `to` by the zone's wall clock; `to` before `from` lies on the next day. */
export interface Hours {
  readonly zone: string;
  /** The zone's wall clock, made once. */
  readonly format: Intl.DateTimeFormat;
  /** 0 Sunday to 6 Saturday. */
  readonly days: ReadonlySet<number>;
  /** Minutes after midnight, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
}
