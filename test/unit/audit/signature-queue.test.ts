import { describe, expect, it } from 'vitest';
import { SignatureQueue } from '../../../src/audit/check/signature-queue.js';
import { inlineVerifier, type SignatureVerifier } from '../../../src/audit/check/signature-verifier.js';
import type { Damage } from '../../../src/audit/read/damage.js';
import type { Step } from '../../../src/audit/read/walk.js';
import { ChanceryError } from '../../../src/core/errors.js';
import { authorization, signatureOver } from '../../support/audit/history.js';

const body = authorization('00'.repeat(16), 1);
const entry = { ...signatureOver(4, body), sequence: '5', previous: '00', time: '' };
const good = entry.type === 'signature' ? entry.signature : '';
const step = (sequence: number): Step => ({
  entry,
  sequence,
  time: 0,
  hash: Buffer.alloc(32),
  file: '000000000000.ledger',
  offset: sequence * 100,
  length: 100,
});

describe('SignatureQueue', () => {
  it('reports the place of every bad signature and counts all', async () => {
    const damages: Damage[] = [];
    const queue = new SignatureQueue(inlineVerifier(), (damage) => damages.push(damage));
    for (let sequence = 0; sequence < 300; sequence++) {
      const bad = sequence === 7 || sequence === 299;
      queue.add(step(sequence), body, bad ? `${good.slice(0, -1)}1` : good);
    }
    await queue.drain();
    expect(queue.checked).toBe(300);
    expect(damages.map(({ kind, sequence, offset }) => [kind, sequence, offset])).toEqual([
      ['signature', 7, 700],
      ['signature', 299, 29_900],
    ]);
  });

  it('never passes over batches that nobody verified', async () => {
    const broken: SignatureVerifier = {
      verify: () => Promise.reject(new ChanceryError('INTERNAL', 'a verifying thread died')),
      close: () => Promise.resolve(),
    };
    const queue = new SignatureQueue(broken, () => undefined);
    for (let sequence = 0; sequence < 600; sequence++) queue.add(step(sequence), body, good);
    await expect(queue.drain()).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(queue.room()).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(queue.checked).toBe(0);
  });

  it('lets no more be read while sixteen batches wait for their answer', async () => {
    const answers: ((bad: readonly number[]) => void)[] = [];
    const slow: SignatureVerifier = {
      verify: () => new Promise((resolve) => answers.push(resolve)),
      close: () => Promise.resolve(),
    };
    const queue = new SignatureQueue(slow, () => undefined);
    let room = false;
    for (let sequence = 0; sequence < 15 * 256; sequence++) queue.add(step(sequence), body, good);
    await queue.room();
    for (let sequence = 0; sequence < 256; sequence++) queue.add(step(sequence), body, good);
    const waited = queue.room().then(() => (room = true));
    await new Promise(setImmediate);
    expect([answers.length, room]).toEqual([16, false]);
    answers[0]?.([]);
    await waited;
    expect(queue.checked).toBe(256);
  });

  it('refuses keys, messages and signatures that are no such thing', async () => {
    const verifier = inlineVerifier();
    const task = { publicKey: body.publicKey, message: body.message, signature: good };
    const bad = [
      { ...task, publicKey: '11111111111111111111111111111111' },
      { ...task, publicKey: '0' },
      { ...task, message: `${body.message} ` },
      { ...task, signature: '' },
      { ...task, signature: body.publicKey },
    ];
    expect(await verifier.verify([task, ...bad, task])).toEqual([1, 2, 3, 4, 5]);
  });
});
