import { verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SoughtKey } from '../../../src/hsm/host-protocol.js';
import { startKeys } from '../../../src/hsm/pkcs11/start-keys.js';
import { FakeModule, pkcs11Error } from '../../support/hsm/fake-module.js';
import { FALSE, SOUND_KEY, TRUE, ulong, type Attributes } from '../../support/hsm/key-attributes.js';
import { thrown } from '../../support/thrown.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const SOFTHSM = { manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: '0a1b', label: 'demo' };
const LUNA = { ...SOFTHSM, manufacturer: 'SafeNet, Inc.' };

const GOOD: Attributes = { ...SOUND_KEY, 0x102: Buffer.from('beef', 'hex') };

let directory: string;
let fake: FakeModule;

beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(join(directory, 'pin'), 'secret-pin', { mode: 0o400 });
  fake = new FakeModule(SOFTHSM);
});

function start(...keys: readonly (Partial<SoughtKey> & { readonly id: string })[]) {
  return startKeys(
    { module: fake.module, sha256: 'ab'.repeat(32) },
    {
      command: 'start',
      login: {
        module: '/nowhere.so',
        pin: { file: join(directory, 'pin') },
        pinned: fake.identity,
        latchDirectory: directory,
        accepted: null,
        acceptedKey: '00'.repeat(32),
      },
      keys: keys.map((key) => ({ label: key.id, objectId: null, waivers: [], ...key })),
      nonce: '07'.repeat(32),
    },
    () => undefined,
  ).reply;
}

describe('startKeys', () => {
  it('judges and proves every key by its own object', () => {
    const [one, two] = [fake.add('one', GOOD), fake.add('two', { ...GOOD, 0x102: Buffer.from([2]) })];
    const reply = start({ id: 'two' }, { id: 'one' });
    expect(reply).toMatchObject({ ok: true, identity: SOFTHSM, moduleSha256: 'ab'.repeat(32) });
    expect(reply.keys.map(({ objectId }) => objectId)).toEqual(['02', 'beef']);
    expect(reply.accepted).toMatch(/^[0-9a-f]{64}$/);
    // A purpose of its own, which no transaction can have: the nonce alone is never signed (I7).
    const proved = Buffer.concat([
      Buffer.from('\u00ffchancery key pair proof v1\0', 'latin1'),
      Buffer.alloc(32, 7),
    ]);
    const holds = ({ proof }: { proof: string }, of: typeof one): boolean =>
      verify(null, proved, of.pair.publicKey, Buffer.from(proof, 'hex'));
    expect([holds(reply.keys[0]!, two), holds(reply.keys[1]!, one)]).toEqual([true, true]);
    expect(holds(reply.keys[0]!, one)).toBe(false);
    expect(fake.signed).toEqual([
      { mechanism: 0x1057, handle: 1 },
      { mechanism: 0x1057, handle: 0 },
    ]);
  });

  it('refuses a key that fails a check, names it and what failed, and never signs with it', () => {
    fake.add('one', { ...GOOD, 0x162: TRUE, 0x163: null });
    const error = thrown(() => start({ id: 'one' }));
    expect(error.code).toBe('KEY_UNTRUSTED');
    expect(error.message).toBe(
      'key one: not-extractable is true, must be false; local is unsupported, must be true',
    );
    expect(fake.signed).toEqual([]);
  });

  it('lets through what is waived for that key, which its report still shows, and for no other', () => {
    fake.add('one', { ...GOOD, 0x163: FALSE });
    fake.add('two', { ...GOOD, 0x163: FALSE });
    const { keys } = start({ id: 'one', waivers: ['local'] });
    expect(keys[0]?.findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([
      { check: 'local', verdict: 'waived', expected: 'true', actual: 'false' },
    ]);
    const error = thrown(() => start({ id: 'one', waivers: ['local'] }, { id: 'two' }));
    expect(error.code).toBe('KEY_UNTRUSTED');
    expect(error.message).toMatch(/^key two: local is false/);
  });

  it('asks a token with values of its own for those, and for keys that were made by them', () => {
    fake = new FakeModule(LUNA);
    fake.mechanisms = () => [0x80000c03];
    fake.add('one', { ...GOOD, 0x166: ulong(0x80000c01) });
    fake.add('two', GOOD);
    start({ id: 'one' });
    expect(fake.signed).toEqual([{ mechanism: 0x80000c03, handle: 0 }]);
    expect(thrown(() => start({ id: 'two' })).message).toMatch(/^key two: generated-on-token is 0x1055/);
  });

  it('refuses a token without Ed25519', () => {
    fake.mechanisms = () => [0x1041, 0x80000c03];
    fake.add('one', GOOD);
    expect(thrown(() => start({ id: 'one' })).code).toBe('TOKEN_MISMATCH');
  });

  it('says HSM_UNAVAILABLE for what the module could not answer, and keeps its text to itself', () => {
    fake.add('one', GOOD);
    fake.failure = pkcs11Error(0x30);
    const error = thrown(() => start({ id: 'one' }));
    expect(error.code).toBe('HSM_UNAVAILABLE');
    expect(error.message).toBe('key one cannot be used: CKR_DEVICE_ERROR (0x30)');
    fake.failure = null;
    fake.mechanisms = () => {
      throw new Error('secret-pin');
    };
    const unlisted = thrown(() => start({ id: 'one' }));
    expect(unlisted.code).toBe('HSM_UNAVAILABLE');
    expect(unlisted.message).not.toContain('secret-pin');
  });

  it('needs every key that it is asked for', () => {
    fake.add('one', GOOD);
    expect(thrown(() => start({ id: 'one' }, { id: 'two' })).code).toBe('KEY_NOT_FOUND');
    fake.add('one', GOOD);
    expect(thrown(() => start({ id: 'one' })).code).toBe('KEY_AMBIGUOUS');
  });
});
