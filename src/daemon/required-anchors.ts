import { ChanceryError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { sameIdentity } from '../hsm/token-options.js';
import type { Token } from '../hsm/token.js';
import type { Anchor } from '../ledger/anchors/anchor.js';
import { fileAnchor } from '../ledger/anchors/file-anchor.js';
import { patientAnchor } from '../ledger/anchors/patient-anchor.js';
import { tokenAnchor } from '../ledger/anchors/token-anchor.js';
import { witnessAnchor } from '../ledger/anchors/witness-anchor.js';
import type { NoteKey } from '../ledger/note/key.js';
import type { AnchorPolicy, Policy, TokenPin } from '../policy/policy.js';
import type { Tokens } from './tokens.js';

export interface AnchorSources {
  readonly files: Files;
  /** Of the ledger. */
  readonly directory: string;
  readonly tokens: Pick<Tokens, 'named'>;
  readonly key: NoteKey;
  readonly inForce: () => Policy;
}

/** How long an anchor may take to be read, in milliseconds. A start, a stop and each checkpoint wait for it. */
const PATIENCE_MS = 5000;

/** The anchors of the policy in force; made once for each policy. */
export function requiredAnchors(sources: AnchorSources): () => readonly Anchor[] {
  let made: { readonly sha256: string; readonly anchors: readonly Anchor[] } | null = null;
  return () => {
    const policy = sources.inForce();
    const { sha256, anchors } = policy;
    if (made?.sha256 !== sha256) {
      const patient = (anchor: AnchorPolicy) => patientAnchor(anchorOf(anchor, policy, sources), PATIENCE_MS);
      made = { sha256, anchors: anchors.map(patient) };
    }
    return made.anchors;
  };
}

function anchorOf(
  anchor: AnchorPolicy,
  policy: Policy,
  { files, directory, tokens, key }: AnchorSources,
): Anchor {
  switch (anchor.kind) {
    case 'file':
      return fileAnchor(files, anchor.path, anchor.lag, key);
    case 'token': {
      const { token, lag } = anchor;
      const pin = policy.tokens.get(token);
      const at = (): Token => pinnedToken(tokens, token, pin);
      const objects = {
        pinned: JSON.stringify(pin),
        readObjects: async (name: string) => at().readObjects(name),
        replaceObjects: async (name: string, value: Uint8Array) => at().replaceObjects(name, value),
      };
      return tokenAnchor(objects, token, lag, key);
    }
    case 'witness':
      return witnessAnchor(files, directory, anchor.witnesses, anchor.lag, key);
  }
}

/** From a policy's entry to the change of the tokens the one that is started may be another of the same name. */
function pinnedToken(tokens: Pick<Tokens, 'named'>, name: string, pin: TokenPin | undefined): Token {
  const token = tokens.named(name);
  if (pin !== undefined && sameIdentity(token.identity, pin)) return token;
  throw new ChanceryError('HSM_UNAVAILABLE', `the token ${name} of the policy in force is not started yet`);
}
