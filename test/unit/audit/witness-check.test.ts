import { describe, expect, it } from 'vitest';
import { WitnessCheck } from '../../../src/audit/check/witness-check.js';
import { openCheckpoint } from '../../../src/audit/check/checkpoint.js';
import { ledgerNoteKey } from '../../../src/audit/check/ledger-key.js';
import { parseTlogPolicy } from '../../../src/ledger/note/tlog-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { LEDGER_KEY, ORIGIN } from '../../support/audit/history.js';
import { TestWitness } from '../../support/audit/witness.js';

const SIZE = 5;
const TIME = 1_770_000_000;
const key = ledgerNoteKey(ORIGIN, LEDGER_KEY.address)!;
const [w1, w2, w3] = [new TestWitness('w1'), new TestWitness('w2'), new TestWitness('w3')];
const one = (witness: TestWitness): string => `${witness.policyLine}\nquorum ${witness.name}\n`;

/** A policy of which only the anchors are asked; null: it asks for no witness. */
function asking(witnesses: string | null): Policy {
  const file = { kind: 'file', path: '/mnt/anchor' };
  return {
    anchors: witnesses === null ? [file] : [file, { kind: 'witness', witnesses }],
  } as unknown as Policy;
}

/** The policies by the sequence of their entry, and who cosigned a checkpoint of five entries. */
function look(
  policies: readonly (readonly [number, string | null])[],
  by: readonly TestWitness[],
  {
    source = 'cosigned',
    beside = true,
    given = null,
  }: { source?: string; beside?: boolean; given?: string | null } = {},
) {
  const parsed = given === null ? null : parseTlogPolicy(given);
  if (typeof parsed === 'string') throw new Error(parsed);
  const check = new WitnessCheck(parsed);
  for (const [sequence, witnesses] of policies) check.see(sequence, asking(witnesses));
  const lines = Array.from({ length: SIZE }, (_, index) => `${String(index).repeat(64)} {}\n`);
  const note = by.reduce((text, witness, index) => witness.cosign(text, TIME + index), checkpointOf(lines));
  const bytes = Buffer.from(note);
  const checkpoint = openCheckpoint(bytes, [key]);
  if (typeof checkpoint === 'string') throw new Error(checkpoint);
  const damages: string[] = [];
  const [found] = check.finish([{ source, beside, checkpoint, bytes }], ({ message }) =>
    damages.push(message),
  );
  return { required: check.required, quorum: found?.quorum, notBefore: found?.notBefore, damages };
}

const NO_QUORUM = 'the quorum of witnesses has not cosigned it';

describe('whose quorum a cosigned checkpoint needs', () => {
  it('is that of the policy in force at the end', () => {
    expect(look([[1, one(w1)]], [w1])).toMatchObject({ required: true, quorum: true, damages: [] });
    expect(look([[1, one(w1)]], [w2])).toMatchObject({ quorum: false, damages: [NO_QUORUM] });
  });

  it('or that of the policy that stood before it', () => {
    const changed = [
      [1, one(w1)],
      [4, one(w2)],
      [9, one(w3)],
    ] as const;
    expect(look(changed, [w2])).toMatchObject({ quorum: true, damages: [] });
    expect(look(changed, [w3])).toMatchObject({ quorum: true, damages: [] });
    expect(look(changed, [w1])).toMatchObject({ quorum: false, damages: [NO_QUORUM] });
    // A policy at the size of the checkpoint is the first entry that it does not hold.
    const after = [
      [1, one(w1)],
      [SIZE, one(w2)],
      [9, one(w3)],
    ] as const;
    expect(look(after, [w1])).toMatchObject({ quorum: true, damages: [] });
    expect(look(after, [w2])).toMatchObject({ quorum: false, damages: [NO_QUORUM] });
  });

  it('or that which the caller knows, and then no other', () => {
    expect(look([[1, one(w1)]], [w2], { given: one(w2) })).toMatchObject({ quorum: true, damages: [] });
    expect(look([[1, one(w1)]], [w1], { given: one(w2) })).toMatchObject({ damages: [NO_QUORUM] });
    expect(look([[1, null]], [w2], { given: one(w2) })).toMatchObject({ required: true, quorum: true });
  });

  it('is nobody’s where no policy asks', () => {
    expect(look([[1, null]], [w1])).toMatchObject({ required: false, quorum: null, damages: [] });
  });

  it.each([
    ['its key', new TestWitness('alias', 'w1'), w1],
    ['its name: a witness that got a new key has lost the old one', w1, new TestWitness('w1', 'renewed')],
  ])('is of the witness that the policy names, not of one with %s', (_what, before, now) => {
    const changed = [
      [1, one(before)],
      [4, one(now)],
    ] as const;
    expect(look(changed, [before])).toMatchObject({ quorum: false, damages: [NO_QUORUM] });
    expect(look(changed, [now])).toMatchObject({ quorum: true, damages: [] });
  });

  it.each([
    ['no other file', { source: 'checkpoint' }],
    ['none of its name that was kept elsewhere', { beside: false }],
  ])('is asked of %s', (_which, over) => {
    expect(look([[1, one(w1)]], [w2], over)).toMatchObject({ quorum: false, damages: [] });
  });

  it('is dated by the earliest of its cosignatures', () => {
    const two = `${w1.policyLine}\n${w2.policyLine}\ngroup both 2 w1 w2\nquorum both\n`;
    expect(look([[1, two]], [w1, w2]).notBefore).toBe(new Date(TIME * 1000).toISOString());
    expect(look([[1, two]], [w1])).toMatchObject({ quorum: false, notBefore: null });
  });
});
