import { ChanceryError } from '../core/errors.js';
import type { SignedCheckpoint } from '../ledger/checkpoint/signed-checkpoint.js';
import type { PolicyWitness } from '../ledger/note/tlog-policy.js';
import { verifyNote } from '../ledger/note/verify-note.js';
import { proveConsistency, treeRoot, type TreeReader } from '../ledger/tree/prove.js';
import { verifyConsistency } from '../ledger/tree/verify-consistency.js';
import { addCheckpoint } from './witness-request.js';

/** One witness, and what it is known to have cosigned. */
export class Witness {
  readonly policy: PolicyWitness;
  readonly #url: string;
  /** Entries of the checkpoint it cosigned last; asked for when wrong. */
  #old = 0;

  constructor(policy: PolicyWitness, url: string) {
    this.policy = policy;
    this.#url = url;
  }

  /**
   * Has it cosign a checkpoint; the signature line, verified. Throws TIMEOUT, RESPONSE_INVALID, LEDGER_DAMAGED (the
   * tiles do not fit), LEDGER_UNAVAILABLE (the witness has seen a longer or another ledger: a rollback).
   */
  async cosign(checkpoint: SignedCheckpoint, tree: TreeReader): Promise<string> {
    let answer = await this.#ask(checkpoint, tree);
    if (answer.kind === 'conflict' && answer.size <= checkpoint.size && answer.size !== this.#old) {
      this.#old = answer.size;
      answer = await this.#ask(checkpoint, tree);
    }
    if (answer.kind === 'conflict') throw this.#refusal(answer.size, checkpoint);
    const line = this.#ownLine(checkpoint, answer.lines);
    this.#old = checkpoint.size;
    return line;
  }

  async #ask({ size, root, note }: SignedCheckpoint, tree: TreeReader): ReturnType<typeof addCheckpoint> {
    const old = Math.min(this.#old, size);
    const proof = old === 0 ? [] : await proveConsistency(tree, old, size);
    if (old > 0) {
      const oldRoot = await treeRoot(tree, old);
      const newRoot = Buffer.from(root, 'base64');
      // A proof from damaged tiles would look to the witness like a ledger that forgets.
      if (!verifyConsistency({ oldSize: old, newSize: size, oldRoot, newRoot, proof })) {
        throw new ChanceryError('LEDGER_DAMAGED', 'the tiles do not give the root of the checkpoint');
      }
    }
    return addCheckpoint({ who: `the witness ${this.policy.name}`, url: this.#url, old, proof, note });
  }

  /** The line of this witness alone: what else it sent is not ours to spread. */
  #ownLine({ note }: SignedCheckpoint, lines: string): string {
    const { key } = this.policy;
    for (const line of lines.split('\n').filter((text) => text !== '')) {
      const opened = verifyNote(Buffer.from(`${note}${line}\n`), [key]);
      if (opened.ok && opened.verified.some((signature) => signature.key === key)) return `${line}\n`;
    }
    throw new ChanceryError(
      'RESPONSE_INVALID',
      `the witness ${this.policy.name} sent no cosignature that holds`,
    );
  }

  #refusal(seen: number, { size }: SignedCheckpoint): ChanceryError {
    const { name } = this.policy;
    // The same size asked from and answered means that its root is another one; any other is no word on history.
    if (seen > size || (seen === size && this.#old === size)) {
      return new ChanceryError(
        'LEDGER_UNAVAILABLE',
        `the witness ${name} has cosigned ${String(seen)} entries of another history than these ${String(size)}`,
        { hint: 'the ledger was rolled back or written anew: find out before anything else' },
      );
    }
    return new ChanceryError(
      'RESPONSE_INVALID',
      `the witness ${name} refuses to go on from ${String(this.#old)} entries to ${String(size)}, and says it has cosigned ${String(seen)}`,
      {
        hint: 'another relay may have shown it more meanwhile: it is asked again; if it stays, ask who runs it',
      },
    );
  }
}
