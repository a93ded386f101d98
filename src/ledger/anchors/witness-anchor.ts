import { join } from 'node:path';
import { encodeBase64 } from '../../core/base64.js';
import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import { readNoteFile } from '../checkpoint/signed-checkpoint.js';
import { parseCheckpoint } from '../note/checkpoint.js';
import type { NoteKey } from '../note/key.js';
import { parseTlogPolicy, quorumTime, type TlogPolicy } from '../note/tlog-policy.js';
import { verifyNote } from '../note/verify-note.js';
import type { Anchor, AnchorReading } from './anchor.js';

/** The newest checkpoint that a quorum of witnesses has cosigned; `chancery relay` writes it. */
export const COSIGNED_FILE = 'cosigned';

/**
 * What witnesses have seen. The file stands in the ledger's own directory: what makes it an anchor is that the
 * witnesses refuse to cosign a ledger that does not continue what they saw, so that after a rollback its time stands
 * still, and signing stops when the lag has passed.
 */
export function witnessAnchor(
  files: Files,
  directory: string,
  policyText: string,
  lag: number,
  key: NoteKey,
): Anchor {
  const policy = parseTlogPolicy(policyText);
  if (typeof policy === 'string') throw new ChanceryError('POLICY_INVALID', `the witness policy: ${policy}`);
  return {
    id: JSON.stringify(['witness', policyText, lag]),
    name: 'witnesses',
    lag,
    read: async () => {
      const bytes = await readNoteFile(files, join(directory, COSIGNED_FILE));
      const reading = bytes === null ? null : openCosigned(bytes, key, policy);
      return reading === null ? [] : [reading];
    },
  };
}

/** Null unless the ledger key and a quorum of the policy signed this checkpoint. */
export function openCosigned(bytes: Uint8Array, key: NoteKey, policy: TlogPolicy): AnchorReading | null {
  const opened = verifyNote(bytes, [key, ...policy.witnesses.map((witness) => witness.key)]);
  if (!opened.ok || !opened.verified.some((signature) => signature.key === key)) return null;
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint?.origin !== key.name) return null;
  const times = new Map<NoteKey, number>();
  for (const { key: signer, time } of opened.verified) if (time !== null) times.set(signer, time);
  const seconds = quorumTime(policy, times);
  if (seconds === null) return null;
  const { size, root } = checkpoint;
  const note = Buffer.from(bytes).toString('utf8');
  return { checkpoint: { size, root: encodeBase64(root), note }, witnessed: seconds * 1000 };
}
