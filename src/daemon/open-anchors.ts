import type { Clock } from '../core/clock.js';
import { Anchors } from '../ledger/anchors/anchors.js';
import type { NoteKey } from '../ledger/note/key.js';
import type { Policies } from '../signing/policies.js';
import type { OwnLedger } from './own-ledger.js';
import { ownRoots } from './own-root.js';
import { requiredAnchors } from './required-anchors.js';
import type { Tokens } from './tokens.js';

export interface OpenAnchorsParts {
  readonly clock: Clock;
  /** Of the ledger. */
  readonly key: NoteKey;
  readonly tokens: Tokens;
  readonly policies: Policies;
}

/** Compares the ledger with each anchor that the policy in force requires. Throws LEDGER_DAMAGED. */
export async function openAnchors(
  { ledger, files, directory }: OwnLedger,
  { clock, key, tokens, policies }: OpenAnchorsParts,
): Promise<Anchors> {
  const inForce = () => policies.inForce(ledger.state);
  return Anchors.open({
    ledger,
    clock,
    required: requiredAnchors({ files, directory, tokens, key, inForce }),
    rootAt: await ownRoots(ledger, files, directory, key),
  });
}
