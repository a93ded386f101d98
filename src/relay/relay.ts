import type { Files } from '../core/files.js';
import { ChanceryError } from '../core/errors.js';
import { COSIGNED_FILE, openCosigned } from '../ledger/anchors/witness-anchor.js';
import { readOwnCheckpoint, writeNoteFile } from '../ledger/checkpoint/signed-checkpoint.js';
import type { NoteKey } from '../ledger/note/key.js';
import type { TlogPolicy } from '../ledger/note/tlog-policy.js';
import { tileReader } from './tile-reader.js';
import { Witness } from './witness.js';

export interface RelayParts {
  readonly files: Files;
  /** Of the ledger: the relay reads checkpoint and tiles there, and writes `cosigned`. */
  readonly directory: string;
  readonly key: NoteKey;
  readonly policy: TlogPolicy;
}

export interface Round {
  /** Entries of the checkpoint that was shown; null when there is none yet. */
  readonly size: number | null;
  /** Whether the quorum has cosigned it. */
  readonly quorum: boolean;
  /** What failed, by the name of the witness. */
  readonly failures: readonly { readonly witness: string; readonly error: ChanceryError }[];
}

/**
 * Shows the newest checkpoint to the witnesses and keeps what a quorum of them has cosigned beside it. A process of
 * its own, the only one with a network; it holds no key, and what it writes counts for as much as the cosignatures
 * in it.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #witnesses: readonly Witness[];
  /** Root of the newest that the quorum cosigned. Its size alone could be that of a history written anew. */
  #cosigned: string | null = null;

  /** Throws POLICY_INVALID when no witness of the policy has a URL. */
  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#witnesses = parts.policy.witnesses.flatMap((witness) =>
      witness.url === null ? [] : new Witness(witness, witness.url),
    );
    if (this.#witnesses.length > 0) return;
    throw new ChanceryError('POLICY_INVALID', 'no witness of the policy has a URL to be reached at', {
      hint: 'give it one at the end of its line: witness NAME VKEY URL',
    });
  }

  /** One attempt with every witness. Nothing is asked again while the checkpoint has not changed. */
  async round(): Promise<Round> {
    const { files, directory, key, policy } = this.#parts;
    const checkpoint = await readOwnCheckpoint(files, directory, key);
    if (checkpoint === null) return { size: null, quorum: false, failures: [] };
    const { size, root, note } = checkpoint;
    if (root === this.#cosigned) return { size, quorum: true, failures: [] };
    const tree = tileReader(files, directory, size);
    const failures: { witness: string; error: ChanceryError }[] = [];
    const lines = await Promise.all(
      this.#witnesses.map(async (witness) => {
        try {
          return await witness.cosign(checkpoint, tree);
        } catch (error) {
          if (!(error instanceof ChanceryError)) throw error;
          failures.push({ witness: witness.policy.name, error });
          return '';
        }
      }),
    );
    const cosigned = note + lines.join('');
    const quorum = openCosigned(Buffer.from(cosigned), key, policy) !== null;
    if (quorum) {
      await writeNoteFile(files, directory, COSIGNED_FILE, cosigned);
      this.#cosigned = root;
    }
    return { size, quorum, failures };
  }
}
