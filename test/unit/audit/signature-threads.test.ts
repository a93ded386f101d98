import { afterEach, describe, expect, it } from 'vitest';
import type { SignatureTask, SignatureVerifier } from '../../../src/audit/check/signature-verifier.js';
import { threadedVerifier } from '../../../src/audit/check/signature-threads.js';
import { rejected } from '../../support/rejected.js';

const TASKS: readonly SignatureTask[] = [{ publicKey: '', message: '', signature: '' }];
let verifier: SignatureVerifier;
afterEach(async () => {
  await verifier.close();
});

// Beside the sources there is no compiled worker: every thread dies as it starts.
describe('threads that die', () => {
  it('verify nothing: whoever waits is told, and so is whoever asks later', async () => {
    verifier = threadedVerifier(2);
    const waiting = [verifier.verify(TASKS), verifier.verify(TASKS), verifier.verify(TASKS)];
    for (const error of await Promise.all(waiting.map(rejected))) {
      expect(error.code).toBe('INTERNAL');
      expect(error.message).toBe('a verifying thread died');
    }
    expect((await rejected(verifier.verify(TASKS))).code).toBe('INTERNAL');
  });

  it('are none: then nothing is verified either', async () => {
    verifier = threadedVerifier(0);
    expect((await rejected(verifier.verify(TASKS))).code).toBe('INTERNAL');
  });
});
