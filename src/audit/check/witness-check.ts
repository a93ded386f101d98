import { formatTime } from '../../core/clock.js';
import { ChanceryError } from '../../core/errors.js';
import {
  parseTlogPolicy,
  quorumTime,
  type PolicyWitness,
  type TlogPolicy,
} from '../../ledger/note/tlog-policy.js';
import type { Policy } from '../../policy/policy.js';
import type { Damage } from '../read/damage.js';
import type { Expected } from './checkpoint-check.js';
import { readCosignatures } from './cosignatures.js';
import { COSIGNED_FILE } from './note-files.js';
import { noteKey, parseNote, type NoteKey } from './note.js';

/** What witnesses say of one checkpoint. */
export interface CosignedCheckpoint {
  /** `checkpoint`, `cosigned`, or the path of a retained one. */
  readonly source: string;
  /** Entries. */
  readonly size: number;
  /** Whose cosignature holds, and when each says it was made (RFC 3339). */
  readonly witnesses: readonly { readonly name: string; readonly time: string }[];
  /** Signature lines of nobody that a policy or the caller names. */
  readonly unknown: number;
  /** Whether they are a quorum; null when nothing says which witnesses it takes. */
  readonly quorum: boolean | null;
  /** Each witness of the quorum cosigned at this time or later, RFC 3339. */
  readonly notBefore: string | null;
}

interface Witness extends NoteKey {
  readonly publicKey: string;
}

/**
 * Cosignatures of every checkpoint there is, by the witnesses that any policy of the ledger ever named: one that was
 * made under an older policy must still hold. Whether they are a quorum is asked of the policy that the caller
 * gives, else of the one in force at the end or, since the next round of the relay may be due, at the checkpoint.
 */
export class WitnessCheck {
  readonly #given: TlogPolicy | null;
  /** What each policy asks for, by the sequence of its entry. */
  readonly #asked: { readonly sequence: number; readonly policy: TlogPolicy | null }[] = [];

  constructor(given: TlogPolicy | null) {
    this.#given = given;
  }

  /** At each policy entry. */
  see(sequence: number, policy: Policy): void {
    const anchor = policy.anchors.find(({ kind }) => kind === 'witness');
    const parsed = anchor?.kind === 'witness' ? parseTlogPolicy(anchor.witnesses) : null;
    this.#asked.push({ sequence, policy: typeof parsed === 'string' ? null : parsed });
  }

  /** Whether the caller, or the policy in force at the end, asks for witnesses. */
  get required(): boolean {
    return (this.#given ?? this.#asked.at(-1)?.policy ?? null) !== null;
  }

  /** Call once all policies were seen. Reports cosignatures that do not hold, and `cosigned` without its quorum. */
  finish(checkpoints: readonly Expected[], report: (damage: Damage) => void): readonly CosignedCheckpoint[] {
    const witnesses = this.#witnesses();
    return checkpoints.flatMap((expected) => {
      const found = this.#look(expected, witnesses, report);
      return found === null ? [] : [found];
    });
  }

  #look(
    { source, beside, checkpoint, bytes }: Expected,
    witnesses: readonly Witness[],
    report: (damage: Damage) => void,
  ): CosignedCheckpoint | null {
    const note = parseNote(bytes);
    if (typeof note === 'string') return null;
    const { origin, size } = checkpoint;
    const { held, bad, unknown } = readCosignatures(note, origin, witnesses);
    const wrong = (offset: number, message: string): void => {
      report({ kind: 'cosignature', sequence: size - 1, file: source, offset, message });
    };
    for (const { name, offset } of bad) wrong(offset, `the cosignature of ${name} does not hold`);
    const asked = this.#judges(size);
    const time = asked.map((policy) => timeOf(policy, held)).find((found) => found !== null) ?? null;
    const quorum = asked.length === 0 ? null : time !== null;
    const cosigned = beside && source === COSIGNED_FILE;
    if (cosigned && quorum === false) wrong(0, 'the quorum of witnesses has not cosigned it');
    if (!cosigned && held.size === 0 && unknown === 0 && bad.length === 0) return null;
    return {
      source,
      size,
      witnesses: [...held].map(([{ name }, at]) => ({ name, time: formatTime(at * 1000) })),
      unknown,
      quorum,
      notBefore: time === null ? null : formatTime(time * 1000),
    };
  }

  #judges(size: number): readonly TlogPolicy[] {
    if (this.#given !== null) return [this.#given];
    const then = this.#asked.findLast(({ sequence }) => sequence < size)?.policy ?? null;
    return [this.#asked.at(-1)?.policy ?? null, then].filter((policy) => policy !== null);
  }

  #witnesses(): readonly Witness[] {
    const all = new Map<string, Witness>();
    for (const policy of [this.#given, ...this.#asked.map((asked) => asked.policy)]) {
      for (const witness of policy?.witnesses ?? []) {
        const publicKey = publicKeyOf(witness);
        const key = noteKey(witness.key.name, witness.key.key.bytes, 'cosignature/v1');
        if (key !== null) all.set(`${key.name} ${publicKey}`, { ...key, publicKey });
      }
    }
    return [...all.values()];
  }
}

function publicKeyOf({ key }: PolicyWitness): string {
  return Buffer.from(key.key.bytes).toString('hex');
}

function timeOf(policy: TlogPolicy, held: ReadonlyMap<Witness, number>): number | null {
  const times = policy.witnesses.flatMap((witness) => {
    const publicKey = publicKeyOf(witness);
    const own = [...held].find(([key]) => key.publicKey === publicKey && key.name === witness.key.name);
    return own === undefined ? [] : [[witness.key, own[1]] as const];
  });
  return quorumTime(policy, new Map(times));
}

/** The witnesses that the caller knows from elsewhere than the ledger. Throws USAGE. */
export function givenWitnesses(text: string): TlogPolicy {
  const policy = parseTlogPolicy(text);
  if (typeof policy !== 'string' && policy.quorum !== null) return policy;
  const why = typeof policy === 'string' ? policy : 'its quorum asks for no witness';
  throw new ChanceryError('USAGE', `the witnesses are no C2SP tlog-policy: ${why}`);
}
