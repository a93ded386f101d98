import type { Files } from '../core/files.js';
import type { Anchor } from '../ledger/anchors/anchor.js';
import { fileAnchor } from '../ledger/anchors/file-anchor.js';
import { tokenAnchor } from '../ledger/anchors/token-anchor.js';
import { witnessAnchor } from '../ledger/anchors/witness-anchor.js';
import type { NoteKey } from '../ledger/note/key.js';
import type { AnchorPolicy, Policy } from '../policy/policy.js';
import type { Tokens } from './tokens.js';

export interface AnchorSources {
  readonly files: Files;
  /** Of the ledger. */
  readonly directory: string;
  readonly tokens: Tokens;
  readonly key: NoteKey;
  readonly inForce: () => Policy;
}

/** The anchors of the policy in force; made once for each policy. */
export function requiredAnchors(sources: AnchorSources): () => readonly Anchor[] {
  let made: { readonly sha256: string; readonly anchors: readonly Anchor[] } | null = null;
  return () => {
    const { sha256, anchors } = sources.inForce();
    if (made?.sha256 !== sha256)
      made = { sha256, anchors: anchors.map((anchor) => anchorOf(anchor, sources)) };
    return made.anchors;
  };
}

function anchorOf(anchor: AnchorPolicy, { files, directory, tokens, key }: AnchorSources): Anchor {
  switch (anchor.kind) {
    case 'file':
      return fileAnchor(files, anchor.path, anchor.lag, key);
    case 'token': {
      const { token, lag } = anchor;
      const objects = {
        readObjects: async (name: string) => tokens.named(token).readObjects(name),
        replaceObjects: async (name: string, value: Uint8Array) =>
          tokens.named(token).replaceObjects(name, value),
      };
      return tokenAnchor(objects, token, lag, key);
    }
    case 'witness':
      return witnessAnchor(files, directory, anchor.witnesses, anchor.lag, key);
  }
}
