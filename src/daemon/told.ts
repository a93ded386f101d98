import type { EntryBody } from '../ledger/entries.js';
import type { Written } from '../ledger/ledger.js';
import type { Topic } from '../protocol/admin-methods.js';

export interface Told {
  readonly topic: Topic;
  readonly event: Record<string, unknown>;
}

/**
 * What operators who follow a topic are told of an entry that is durable; null when it belongs to none. Without the
 * message and the statement: whoever needs them reads the entry. `signatures` is not made of entries, since one that is
 * in the ledger may still be withheld.
 */
export function toldOf(body: EntryBody, { sequence }: Written): Told | null {
  const entry = { sequence: String(sequence), type: body.type };
  switch (body.type) {
    case 'authorization': {
      const { request, key, workload, fee, counted } = body;
      return { topic: 'authorizations', event: { ...entry, request, key, workload, fee, counted } };
    }
    case 'denial': {
      const { key = null, workload, codes, count } = body;
      return { topic: 'denials', event: { ...entry, key, workload, codes, count } };
    }
    case 'freeze': {
      const { key = null, reason, by } = body;
      return { topic: 'freezes', event: { ...entry, key, reason, by } };
    }
    case 'unfreeze':
      return { topic: 'freezes', event: { ...entry, freeze: body.freeze, id: body.id } };
    case 'statement':
      return { topic: 'statements', event: { ...entry, kind: body.kind, id: body.id } };
    case 'policy': {
      const { id, serial, sha256 } = body;
      return { topic: 'statements', event: { ...entry, kind: 'policy', id, serial, sha256 } };
    }
    case 'revocation': {
      const { attestation = null, workload = null, reason, by } = body;
      return { topic: 'statements', event: { ...entry, attestation, workload, reason, by } };
    }
    case 'key': {
      if (body.action !== 'latch') return null;
      const { token, label, publicKey } = body;
      return { topic: 'alerts', event: { subject: 'key_latched', ...entry, token, label, publicKey } };
    }
    case 'genesis':
    case 'start':
    case 'stop':
    case 'signature':
    case 'failure':
    case 'recovered':
    case 'snapshot':
    case 'tick':
    case 'repair':
    case 'alert':
      return null;
  }
}
