import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkToken } from '../../../src/ceremony/doctor-token.js';
import { generateKey, importKey, listKeys } from '../../../src/ceremony/keys.js';
import { parseAddress, pubkeyBytes } from '../../../src/core/pubkey.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import { SOFTHSM, softToken, type SoftToken } from '../../support/hsm/soft-token.js';

let soft: SoftToken;
let key: TokenKey;

beforeAll(async () => {
  soft = await softToken();
  key = await soft.generate('trading-1');
});
afterAll(async () => {
  await soft.remove();
});

const verdicts = async (keys: readonly TokenKey[], access = soft.access) =>
  (await checkToken({ name: 'main', access, keys })).map(({ subject, verdict }) => `${verdict} ${subject}`);

describe('key ceremony', () => {
  it('generates and imports keys as a policy names them', async () => {
    const made = await generateKey(soft.access, 'made');
    const token = await soft.start([
      {
        id: 'made',
        label: 'made',
        objectId: made.objectId,
        publicKey: pubkeyBytes(parseAddress(made.publicKey)!),
      },
    ]);
    expect(token.state).toBe('ready');
    await token.close();
    const pair = generateKeyPairSync('ed25519');
    const seed = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const file = join(soft.directory, 'id.json');
    writeFileSync(file, JSON.stringify([...seed, ...publicKey]), { mode: 0o600 });
    const imported = await importKey(soft.access, 'brought', file);
    expect(Buffer.from(pubkeyBytes(parseAddress(imported.publicKey)!))).toEqual(publicKey);
    const listed = await listKeys(soft.access);
    expect(listed.find(({ label }) => label === 'made')).toEqual({ ...made, failed: [] });
    expect(listed.find(({ label }) => label === 'brought')?.failed.map(({ check }) => check)).toEqual([
      'always-sensitive',
      'never-extractable',
      'local',
      'generated-on-token',
    ]);
  });
});

describe('doctor on a token', () => {
  it('passes a good one, and says that SoftHSM is soft', async () => {
    expect(await verdicts([key])).toEqual([
      'ok token main',
      'ok token main',
      'warn token main',
      'ok key trading-1',
      'ok token main',
    ]);
  });

  it('finds a missing key, an untrusted key, and a key of another public key', async () => {
    expect(await verdicts([{ ...key, id: 'gone', label: 'gone' }])).toContain('fail key gone');
    const wrong = {
      ...key,
      publicKey: generateKeyPairSync('ed25519')
        .publicKey.export({ format: 'der', type: 'spki' })
        .subarray(-32),
    };
    const lines = await checkToken({ name: 'main', access: soft.access, keys: [wrong] });
    expect(lines.at(-1)).toMatchObject({ verdict: 'fail', finding: /^KEY_UNTRUSTED/ });
  });

  it('finds a module that others can replace, and a PIN file that others can read', async () => {
    const module = join(soft.directory, 'module.so');
    copyFileSync(SOFTHSM, module);
    chmodSync(module, 0o777);
    expect((await verdicts([key], { ...soft.access, module }))[0]).toBe('fail token main');
    const pin = join(soft.directory, 'secrets/pin');
    chmodSync(pin, 0o444);
    const lines = await checkToken({ name: 'main', access: soft.access, keys: [key] });
    chmodSync(pin, 0o400);
    expect(lines.at(-1)).toMatchObject({ verdict: 'fail', finding: /^PERMISSION_UNSAFE/, fix: /chmod 0400/ });
  });

  it('does not try a PIN that was refused', async () => {
    const other = await softToken('other');
    const pin = join(other.directory, 'wrong');
    writeFileSync(pin, 'wrong-pin-1\n', { mode: 0o400 });
    const access = { ...other.access, pin: { file: pin } };
    for (const expected of [/CKR_PIN_INCORRECT/, /not tried again/]) {
      const lines = await checkToken({ name: 'main', access, keys: [] });
      expect(lines.at(-1)).toMatchObject({ verdict: 'fail', finding: expected });
    }
    const good = await checkToken({ name: 'main', access: other.access, keys: [] });
    expect(good).toContainEqual(
      expect.objectContaining({
        verdict: 'warn',
        finding: expect.stringContaining('a wrong PIN was tried') as string,
      }),
    );
    await other.remove();
  });
});
