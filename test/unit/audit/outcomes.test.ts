import { describe, expect, it } from 'vitest';
import { OutcomeCheck } from '../../../src/audit/check/outcome-check.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { begun, found, reportOf } from '../../support/audit/found.js';
import { attestation, authorization, sha256, signatureOver } from '../../support/audit/history.js';
import type { LedgerWriter } from '../../support/audit/ledger-writer.js';

const start: EntryBody = { type: 'start', boot: 'b', version: '0.1.0', modules: {} };
const failure = (sequence: number): EntryBody => ({
  type: 'failure',
  authorization: String(sequence),
  code: 'HSM_UNAVAILABLE',
});
const recovered = (sequence: number): EntryBody => ({ type: 'recovered', authorization: String(sequence) });

/** A ledger whose entry 3 is an authorization without an outcome yet, and a way to add another. */
function waiting(): { readonly ledger: LedgerWriter; readonly authorize: (nonce: number) => number } {
  const ledger = begun();
  const warrant = attestation(ledger.time);
  ledger.add(warrant);
  const authorize = (nonce: number): number => ledger.add(authorization(warrant.id, nonce));
  authorize(0);
  return { ledger, authorize };
}

describe('I3: outcomes', () => {
  it.each([
    ['failure', failure],
    ['recovered', recovered],
    ['signature', (sequence: number) => signatureOver(sequence, authorization('', 0))],
  ])('%s closes its authorization, once', async (_name, outcome) => {
    const { ledger } = waiting();
    expect((await reportOf(ledger)).open).toEqual([3]);
    ledger.add(outcome(3));
    expect(await reportOf(ledger)).toMatchObject({ damages: [], open: [] });
    for (const second of [failure(3), recovered(3), signatureOver(3, authorization('', 0))]) {
      const twice = waiting().ledger;
      twice.add(outcome(3));
      twice.add(second);
      expect(await found(twice)).toEqual(['outcome 5: an outcome for 3, which is no open authorization']);
    }
  });

  it('of what is no authorization is found', async () => {
    const { ledger } = waiting();
    ledger.add(failure(2));
    ledger.add(failure(99));
    expect(await found(ledger)).toEqual([
      'outcome 4: an outcome for 2, which is no open authorization',
      'outcome 5: an outcome for 99, which is no open authorization',
    ]);
  });

  it('signature is one over the message that was authorized', async () => {
    const { ledger } = waiting();
    ledger.add(signatureOver(3, authorization('', 1)));
    expect(await found(ledger)).toEqual([
      'signature 4: the signature does not verify over the message that was authorized',
    ]);
  });

  it('of an earlier run stand before the next authorization', async () => {
    const { ledger, authorize } = waiting();
    ledger.add(start);
    authorize(1);
    // Said once: what the next run left open is its own.
    authorize(2);
    expect(await found(ledger)).toEqual(['outcome 5: authorized while 3 of an earlier run had no outcome']);
  });

  it('of an earlier run that are there are nobody’s fault', async () => {
    const { ledger, authorize } = waiting();
    ledger.add(start);
    ledger.add(recovered(3));
    authorize(1);
    expect(await found(ledger)).toEqual([]);
  });

  it.each<[string, (sequence: number) => EntryBody, EntryBody]>([
    ['signature', (sequence) => signatureOver(sequence, authorization('', 0)), start],
    ['failure', failure, start],
    ['failure', failure, { type: 'repair', bytes: 7, sha256: sha256('') }],
  ])('of an earlier run can be no %s: nobody waited for it any more', async (name, outcome, restart) => {
    const { ledger, authorize } = waiting();
    ledger.add(restart);
    ledger.add(outcome(3));
    authorize(1);
    const damages = (await found(ledger)).filter((text) => !text.startsWith('blob'));
    expect(damages).toEqual([`outcome 5: a ${name} for 3, which an earlier run left without outcome`]);
  });

  it('cannot be had behind a stop: nobody authorized until the next start', async () => {
    const { ledger, authorize } = waiting();
    // What the daemon did not wait for any longer may have its outcome behind the stop.
    ledger.add({ type: 'stop', reason: 'SIGTERM' });
    ledger.add(failure(3));
    authorize(1);
    ledger.add(failure(6));
    ledger.add(start);
    authorize(2);
    expect(await found(ledger)).toEqual(['outcome 6: authorized behind a stop, while no daemon ran']);
  });

  it('without a start between them may come in any order', async () => {
    const { ledger, authorize } = waiting();
    authorize(1);
    ledger.add(failure(4));
    ledger.add(failure(3));
    expect(await found(ledger)).toEqual([]);
  });

  it('may belong to what came before the first entry there is, and to nothing else', () => {
    const check = new OutcomeCheck(null, 10);
    const damages: string[] = [];
    for (const sequence of [9, 10]) {
      const entry = { ...failure(sequence), sequence: '11', previous: '', time: '' };
      const place = { sequence: 11, time: 0, hash: Buffer.alloc(32), file: '', offset: 0, length: 0 };
      check.see({ entry, ...place }, ({ message }) => damages.push(message));
    }
    expect(damages).toEqual(['an outcome for 10, which is no open authorization']);
  });
});
