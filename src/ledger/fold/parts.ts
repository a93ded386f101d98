import { ZERO_HASH } from '../entry-text.js';
import type { PolicyRecord } from '../state.js';
import { CompactRange } from '../tree/compact-range.js';
import { Attestations } from './attestations.js';
import { Freezes } from './freezes.js';
import { Heads } from './heads.js';
import { Meters } from './meters.js';
import { Repeats } from './repeats.js';
import { Rollbacks } from './rollbacks.js';
import type { SavedFold } from './saved-fold.js';
import { UidBytes } from './uid-bytes.js';
import { UsedStatements } from './used-statements.js';

/** All that a fold remembers of its entries. What bounds each part is said where the part is. */
export interface Parts {
  head: string;
  time: number;
  origin: string;
  ledgerKey: string;
  policy: PolicyRecord | null;
  authorizedUnderPolicy: boolean;
  readonly tree: CompactRange;
  readonly heads: Heads;
  readonly meters: Meters;
  readonly attestations: Attestations;
  readonly statements: UsedStatements;
  readonly freezes: Freezes;
  readonly repeats: Repeats;
  readonly rollbacks: Rollbacks;
  readonly filled: UidBytes;
  /** Authorizations without an outcome: as many as requests are in flight. */
  readonly open: Set<number>;
  /** One for each key that was ever retired or latched. */
  readonly retired: Set<string>;
  readonly latched: Set<string>;
}

/** Before the first entry. */
export function noParts(): Parts {
  return {
    head: ZERO_HASH,
    time: 0,
    origin: '',
    ledgerKey: '',
    policy: null,
    authorizedUnderPolicy: false,
    tree: new CompactRange(),
    heads: new Heads(),
    meters: new Meters(),
    attestations: new Attestations(),
    statements: new UsedStatements(),
    freezes: new Freezes(),
    repeats: new Repeats(),
    rollbacks: new Rollbacks(),
    filled: new UidBytes(),
    open: new Set(),
    retired: new Set(),
    latched: new Set(),
  };
}

/** What `saveParts` told; null when it contradicts itself. */
export function restoreParts(saved: SavedFold): Parts | null {
  const tree = CompactRange.restore(saved.tree);
  const heads = Heads.restore(saved.heads);
  const repeats = Repeats.restore(saved.repeats);
  if (tree === null || heads === null || repeats === null) return null;
  return {
    head: saved.head,
    time: saved.time,
    origin: saved.origin,
    ledgerKey: saved.ledgerKey,
    policy: saved.policy,
    authorizedUnderPolicy: saved.authorizedUnderPolicy,
    tree,
    heads,
    meters: Meters.restore(saved.meters),
    attestations: Attestations.restore(saved.attestations),
    statements: UsedStatements.restore(saved.statements),
    freezes: Freezes.restore(saved.freezes),
    repeats,
    rollbacks: Rollbacks.restore(saved.rollbacks),
    filled: UidBytes.restore(saved.filled),
    open: new Set(saved.open),
    retired: new Set(saved.retired),
    latched: new Set(saved.latched),
  };
}

export function saveParts(parts: Parts): SavedFold {
  return {
    head: parts.head,
    time: parts.time,
    origin: parts.origin,
    ledgerKey: parts.ledgerKey,
    policy: parts.policy,
    authorizedUnderPolicy: parts.authorizedUnderPolicy,
    tree: parts.tree.save(),
    heads: parts.heads.save(),
    meters: parts.meters.save(),
    attestations: parts.attestations.save(),
    statements: parts.statements.save(),
    freezes: [...parts.freezes.all()],
    repeats: parts.repeats.save(),
    rollbacks: parts.rollbacks.save(),
    filled: parts.filled.save(),
    open: [...parts.open],
    retired: [...parts.retired],
    latched: [...parts.latched],
  };
}
