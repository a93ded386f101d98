import { expect, it } from 'vitest';
import type { Anchor, AnchorReading } from '../../../../src/ledger/anchors/anchor.js';
import { Anchors } from '../../../../src/ledger/anchors/anchors.js';
import { patientAnchor } from '../../../../src/ledger/anchors/patient-anchor.js';
import { newDisk, openOn } from '../../../support/checkpoint-rig.js';
import { StillClock } from '../../../support/ledger-clock.js';

interface Hanging {
  readonly anchor: Anchor;
  readonly asked: () => number;
  readonly answer: (readings: readonly AnchorReading[]) => void;
  readonly fail: (error: Error) => void;
}

/** An anchor that answers when the test says so. */
function hanging(): Hanging {
  let asked = 0;
  let answer: Hanging['answer'] = () => undefined;
  let fail: Hanging['fail'] = () => undefined;
  const read = (): Promise<readonly AnchorReading[]> => {
    asked += 1;
    return new Promise((resolve, reject) => {
      [answer, fail] = [resolve, reject];
    });
  };
  const anchor = patientAnchor({ id: 'one', name: 'file /srv/anchor', lag: 1000, read }, 10);
  return {
    anchor,
    asked: () => asked,
    answer: (readings) => {
      answer(readings);
    },
    fail: (error) => {
      fail(error);
    },
  };
}

const LATE = { code: 'LEDGER_UNAVAILABLE', message: 'the anchor file /srv/anchor does not answer' };

it('one that does not answer is waited for again, never asked twice, and its late answer counts', async () => {
  const { anchor, asked, answer } = hanging();
  await expect(anchor.read()).rejects.toMatchObject(LATE);
  await expect(anchor.read()).rejects.toMatchObject(LATE);
  expect(asked()).toBe(1);
  answer([]);
  expect(await anchor.read()).toEqual([]);
  expect(asked()).toBe(1);
  await expect(anchor.read()).rejects.toMatchObject(LATE);
  expect(asked()).toBe(2);
});

it('what it fails with, however late, is told once, and then it is asked anew', async () => {
  const { anchor, asked, fail } = hanging();
  await expect(anchor.read()).rejects.toMatchObject(LATE);
  fail(new Error('ESTALE'));
  await expect(anchor.read()).rejects.toThrow('ESTALE');
  await expect(anchor.read()).rejects.toMatchObject(LATE);
  expect(asked()).toBe(2);
});

it('I10: one that does not answer stands against the ledger until it does, and keeps nobody waiting', async () => {
  const clock = new StillClock();
  const ledger = await openOn(await newDisk(clock), clock);
  const { anchor, answer } = hanging();
  const rootAt = (): Promise<string> => Promise.resolve(ledger.state.root());
  const anchors = await Anchors.open({ ledger, clock, required: () => [anchor], rootAt });
  expect(anchors.rollback?.reasons).toEqual([LATE.message]);
  answer([]);
  await anchors.refresh();
  expect(anchors.rollback).toBeNull();
});
