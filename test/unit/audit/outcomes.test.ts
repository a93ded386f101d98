import { describe, expect, it } from 'vitest';
import { OutcomeCheck } from '../../../src/audit/check/outcome-check.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { begun, found, reportOf, running } from '../../support/audit/found.js';
import { attestation, authorization, sha256, signatureOver, start } from '../../support/audit/history.js';
import type { LedgerWriter } from '../../support/audit/ledger-writer.js';

const failure = (sequence: number): EntryBody => ({
  type: 'failure',
  authorization: String(sequence),
  code: 'HSM_UNAVAILABLE',
});
const recovered = (sequence: number): EntryBody => ({ type: 'recovered', authorization: String(sequence) });

/** A ledger whose entry 4 is an authorization without an outcome yet, and a way to add another. */
function waiting(): { readonly ledger: LedgerWriter; readonly authorize: (nonce: number) => number } {
  const ledger = running();
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
    expect((await reportOf(ledger)).open).toEqual([4]);
    ledger.add(outcome(4));
    expect(await reportOf(ledger)).toMatchObject({ damages: [], open: [] });
    for (const second of [failure(4), recovered(4), signatureOver(4, authorization('', 0))]) {
      const twice = waiting().ledger;
      twice.add(outcome(4));
      twice.add(second);
      expect(await found(twice)).toEqual(['outcome 6: an outcome for 4, which is no open authorization']);
    }
  });

  it('of what is no authorization is found', async () => {
    const { ledger } = waiting();
    ledger.add(failure(2));
    ledger.add(failure(99));
    expect(await found(ledger)).toEqual([
      'outcome 5: an outcome for 2, which is no open authorization',
      'outcome 6: an outcome for 99, which is no open authorization',
    ]);
  });

  it('signature is one over the message that was authorized', async () => {
    const { ledger } = waiting();
    ledger.add(signatureOver(4, authorization('', 1)));
    expect(await found(ledger)).toEqual([
      'signature 5: the signature does not verify over the message that was authorized',
    ]);
  });

  it('of an earlier run stand before the next start: a recovered that was taken out is missed', async () => {
    const { ledger, authorize } = waiting();
    ledger.add(start('b2'));
    authorize(1);
    // Said once: what this run left open is its own.
    ledger.add(recovered(6));
    ledger.add(start('b3'));
    expect(await found(ledger)).toEqual(['outcome 5: started while 4 of an earlier run had no outcome']);
  });

  it('of an earlier run that are there are nobody’s fault', async () => {
    const { ledger, authorize } = waiting();
    ledger.add(recovered(4));
    ledger.add(start('b2'));
    authorize(1);
    expect(await found(ledger)).toEqual([]);
  });

  const torn: EntryBody = { type: 'repair', bytes: 7, sha256: sha256('') };
  it.each<[string, (sequence: number) => EntryBody, EntryBody]>([
    ['signature', (sequence) => signatureOver(sequence, authorization('', 0)), torn],
    ['failure', failure, torn],
    ['signature', (sequence) => signatureOver(sequence, authorization('', 0)), recovered(5)],
    ['failure', failure, recovered(5)],
  ])('of an earlier run can be no %s: nobody waited for it any more', async (name, outcome, opened) => {
    const { ledger, authorize } = waiting();
    authorize(1);
    ledger.add(opened);
    ledger.add(outcome(4));
    const damages = (await found(ledger)).filter((text) => !text.startsWith('blob'));
    expect(damages).toEqual([`outcome 7: a ${name} for 4, which an earlier run left without outcome`]);
  });

  it.each<[string, readonly EntryBody[]]>([
    ['a stop', [failure(4), { type: 'stop', reason: 'SIGTERM' }]],
    // What the daemon did not wait for any longer may have its outcome behind the stop.
    ['a stop that waited for nothing', [{ type: 'stop', reason: 'SIGTERM' }, failure(4)]],
    ['what was recovered after a crash', [recovered(4)]],
    ['a repair', [failure(4), torn]],
  ])('cannot be had behind %s: nothing is authorized before the next start', async (_name, ended) => {
    const { ledger, authorize } = waiting();
    ended.forEach((body) => ledger.add(body));
    const without = authorize(1);
    ledger.add(recovered(without));
    ledger.add(start('b2'));
    authorize(2);
    expect((await found(ledger)).filter((text) => !text.startsWith('blob'))).toEqual([
      `outcome ${String(without)}: authorized without a start before it, while no daemon ran`,
    ]);
  });

  it('cannot be had before the first start', async () => {
    const ledger = begun();
    const warrant = attestation(ledger.time);
    ledger.add(warrant);
    ledger.add(authorization(warrant.id, 0));
    expect(await found(ledger)).toEqual([
      'outcome 3: authorized without a start before it, while no daemon ran',
    ]);
  });

  it('without a start between them may come in any order', async () => {
    const { ledger, authorize } = waiting();
    authorize(1);
    ledger.add(failure(5));
    ledger.add(failure(4));
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
