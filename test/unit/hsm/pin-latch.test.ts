import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.js';
import { PinLatch } from '../../../src/hsm/pkcs11/pin-latch.js';
import type { TokenIdentity } from '../../../src/hsm/token-options.js';
import { thrown } from '../../support/thrown.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
let latch: PinLatch;
const pin = (text: string): Secret => new Secret(text);
const WRONG = pin('wrong-pin');
const token = (serial: string): TokenIdentity => ({
  manufacturer: 'maker',
  model: 'model',
  serial,
  label: 'test',
});

beforeEach(() => {
  directory = temporaryDirectory();
  latch = new PinLatch(directory, token('0a1b'));
});

const onlyFile = (): string => join(directory, readdirSync(directory)[0]!);
const refused = (secret: Secret, doubtful: 'allowed' | 'refused' = 'allowed', by = latch) =>
  thrown(() => {
    by.check(secret, doubtful);
  });

describe('PinLatch', () => {
  it('lets every PIN pass that nobody refused', () => {
    latch.check(WRONG, 'refused');
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ['no PIN was', () => undefined],
    [
      'another PIN was',
      () => {
        new PinLatch(directory, token('0a1b')).refuse(pin('earlier'), 'x');
      },
    ],
  ])('lets one of two processes try a PIN at the same time, when %s refused before', (_, before) => {
    before();
    const other = new PinLatch(directory, token('0a1b'));
    for (const one of [latch, other]) one.check(WRONG, 'refused');
    expect(latch.attempt(WRONG)).toBe(true);
    expect(other.attempt(WRONG)).toBe(false);
    latch.refuse(WRONG, 'CKR_PIN_INCORRECT (0xa0)');
    expect(other.attempt(WRONG)).toBe(false);
    expect(refused(WRONG, 'allowed', other).code).toBe('PIN_REFUSED');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('never lets a refused PIN pass again, whoever asks and however sure', () => {
    latch.attempt(WRONG);
    latch.refuse(WRONG, 'CKR_PIN_INCORRECT (0xa0)');
    const again = new PinLatch(directory, token('0a1b'));
    for (const doubtful of ['allowed', 'refused'] as const) {
      const error = refused(WRONG, doubtful, again);
      expect(error.code).toBe('PIN_REFUSED');
      expect(error.message).toContain('refused this PIN before (CKR_PIN_INCORRECT (0xa0))');
    }
    again.check(pin('another'), 'refused');
    new PinLatch(directory, token('0a1c')).check(WRONG, 'refused');
  });

  it('counts a login that did not end as refused, unless it is known that it cost nothing', () => {
    latch.attempt(WRONG);
    const error = refused(WRONG, 'refused');
    expect(error.code).toBe('PIN_REFUSED');
    expect(error.message).toContain('an earlier login with this PIN did not end');
    latch.check(WRONG, 'allowed');
    latch.check(pin('another'), 'refused');
  });

  it('forgets a login that failed for another reason, and no other PIN with it', () => {
    latch.refuse(WRONG, 'x');
    latch.attempt(pin('good'));
    latch.forget(pin('good'));
    latch.check(pin('good'), 'refused');
    expect(refused(WRONG).code).toBe('PIN_REFUSED');
    latch.forget(WRONG);
    expect(readdirSync(directory)).toEqual([]);
    latch.forget(WRONG);
  });

  it('forgets all after a good login, as the token does', () => {
    latch.refuse(WRONG, 'x');
    latch.attempt(pin('good'));
    latch.clear();
    latch.check(WRONG, 'refused');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('remembers one state of a PIN, the last', () => {
    latch.refuse(WRONG, 'x');
    latch.attempt(WRONG);
    latch.check(WRONG, 'allowed');
    latch.refuse(WRONG, 'y');
    const { attempts } = JSON.parse(readFileSync(onlyFile(), 'utf8')) as { attempts: unknown[] };
    expect(attempts).toEqual([expect.objectContaining({ state: 'refused', reason: 'y' })]);
  });

  it('after eight refused PINs tries no other', () => {
    for (let n = 0; n < 7; n++) latch.refuse(pin(`wrong-${String(n)}`), 'x');
    latch.check(pin('ninth'), 'refused');
    latch.refuse(pin('wrong-7'), 'x');
    const error = refused(pin('ninth'));
    expect(error.code).toBe('PIN_REFUSED');
    expect(error.message).toContain('refused too many PINs');
    expect(refused(pin('wrong-0')).message).toContain('refused this PIN before');
  });

  it('I9: keeps no PIN, and what it keeps only its owner reads; one PIN looks different on two tokens', () => {
    latch.refuse(WRONG, 'x');
    const text = readFileSync(onlyFile(), 'utf8');
    expect(text).not.toContain('wrong-pin');
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
    new PinLatch(directory, token('0a1c')).refuse(WRONG, 'x');
    const records = readdirSync(directory).map(
      (name) =>
        JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
          salt: string;
          attempts: { hash: string }[];
        },
    );
    expect(new Set(records.map(({ salt }) => salt)).size).toBe(2);
    expect(new Set(records.map(({ attempts }) => attempts[0]!.hash)).size).toBe(2);
  });

  it.each([
    ['no JSON', 'x'],
    ['no record', '{}'],
    ['a record with a state that is not known', JSON.stringify(record({ state: 'good' }))],
    ['a record with a hash that is none', JSON.stringify(record({ hash: 'ab' }))],
    ['a record with a salt that is none', JSON.stringify({ ...record(), salt: '' })],
    ['a record with a field more', JSON.stringify({ ...record(), more: 1 })],
  ])('lets nothing pass when the record is %s', (_, text) => {
    latch.refuse(WRONG, 'x');
    writeFileSync(onlyFile(), text);
    for (const run of [
      () => {
        latch.check(pin('good'), 'allowed');
      },
      () => {
        latch.attempt(pin('good'));
      },
    ]) {
      const error = thrown(run);
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.hint).toContain('delete the file only when the PIN is surely right');
    }
  });

  it('lets nothing pass when the record cannot be read at all', () => {
    latch.refuse(WRONG, 'x');
    const path = onlyFile();
    rmSync(path);
    mkdirSync(path);
    expect(refused(pin('good')).code).toBe('FILE_UNREADABLE');
  });

  it('allows no attempt that it cannot write down', () => {
    const nowhere = new PinLatch(join(directory, 'absent'), token('0a1b'));
    expect(
      thrown(() => {
        nowhere.attempt(WRONG);
      }).code,
    ).toBe('FILE_UNREADABLE');
  });
});

function record(over: { readonly [field: string]: string } = {}) {
  const attempt = { hash: 'ab'.repeat(32), state: 'refused', reason: 'x', ...over };
  return { salt: 'cd'.repeat(16), attempts: [attempt] };
}
