import type { z } from 'zod';
import { acceptRollback } from './accept-rollback.js';
import { attestation } from './attestation.js';
import { genesis } from './genesis.js';
import { policy } from './policy.js';
import { unfreeze } from './unfreeze.js';

/** Every kind of statement there is. A kind that is not here cannot be read, signed or accepted. */
export const KINDS = { genesis, policy, attestation, unfreeze, 'accept-rollback': acceptRollback } as const;

export type Kind = keyof typeof KINDS;

/** The typed payload of a kind. */
export type PayloadOf<K extends Kind> = z.infer<(typeof KINDS)[K]['schema']>;

type Payloads = { readonly [K in Kind]: PayloadOf<K> };

export interface StatementOf<K extends Kind> {
  readonly kind: K;
  readonly payload: Payloads[K];
}

/** Any statement, told apart by `kind`. */
export type Statement = { readonly [K in Kind]: StatementOf<K> }[Kind];

type Words = {
  readonly [K in Kind]: Record<'figures' | 'grants', (payload: Payloads[K]) => readonly string[]>;
};

/** How statements of a kind read, in the form in which TypeScript sees that a payload is the one its kind reads. */
export function wordsOf<K extends Kind>(kind: K): Words[K] {
  const words: Words = KINDS;
  return words[kind];
}

export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

/** The SSHSIG namespace of a kind, so that a signature for one kind can never be taken for another. */
export function namespaceOf(kind: Kind): string {
  return `${kind}@chancery`;
}
