import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { initialiseToken } from '../../../src/hsm/administration.js';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import { outcome } from '../../support/hsm/outcome.js';
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

function keypairFile(name: string, bytes: readonly number[]): string {
  const path = join(soft.directory, name);
  writeFileSync(path, JSON.stringify(bytes), { mode: 0o600 });
  return path;
}

function freshKeypair(): { seed: Buffer; publicKey: Buffer; bytes: number[] } {
  const pair = generateKeyPairSync('ed25519');
  const seed = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { seed, publicKey, bytes: [...seed, ...publicKey] };
}

describe('a token', () => {
  it('is initialised with a PIN that only its owner can read, whatever the umask', () => {
    const stat = statSync(join(soft.directory, 'secrets/pin'));
    expect(stat.mode & 0o777).toBe(0o400);
    expect(soft.identity).toMatchObject({
      manufacturer: 'SoftHSM project',
      model: 'SoftHSM v2',
      label: 'test',
    });
    expect(soft.identity.serial).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is never initialised over another, nor a PIN file written over', async () => {
    const { environment, hostScript } = soft.access;
    const options = { module: SOFTHSM, environment, hostScript };
    const pinFile = join(soft.directory, 'secrets/second');
    expect(await outcome(initialiseToken({ ...options, label: 'test', pinFile }))).toBe('TOKEN_MISMATCH');
    expect(await outcome(initialiseToken({ ...options, label: 'x'.repeat(33), pinFile }))).toBe(
      'TOKEN_MISMATCH',
    );
    const taken = join(soft.directory, 'secrets/pin');
    expect(await outcome(initialiseToken({ ...options, label: 'other', pinFile: taken }))).toBe(
      'FILE_UNREADABLE',
    );
    expect(readdirSync(join(soft.directory, 'secrets'))).toEqual(['pin']);
    expect(readdirSync(join(soft.directory, 'tokens'))).toHaveLength(1);
  });

  it('is pinned by label, serial, manufacturer and model', async () => {
    const { pinned } = soft.access;
    const start = (changes: Partial<typeof pinned>) =>
      outcome(soft.start([key], { pinned: { ...pinned, ...changes } }));
    expect(await start({ serial: '0000000000000000' })).toBe('TOKEN_NOT_FOUND');
    expect(await start({ label: 'other' })).toBe('TOKEN_MISMATCH');
    expect(await start({ model: 'SoftHSM v3' })).toBe('TOKEN_MISMATCH');
    expect(await start({ manufacturer: 'softhsm project' })).toBe('TOKEN_MISMATCH');
    expect(await start({ label: 'other', serial: '0000000000000000' })).toBe('TOKEN_NOT_FOUND');
  });

  it('needs a module that exists and is one', async () => {
    expect(await outcome(soft.start([key], { module: '/nowhere/module.so' }))).toBe('FILE_UNREADABLE');
    expect(await outcome(soft.start([key], { module: '/bin/true' }))).toBe('FILE_UNREADABLE');
  });

  it('says what a host wrote that could not even run', async () => {
    await expect(soft.start([key], { hostScript: '/nowhere/host-main.js' })).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /Cannot find module/,
    });
  });
});

describe('a key', () => {
  it('made by the strict template passes every check', async () => {
    const token = await soft.start([key]);
    const [report] = token.report();
    expect(report).toMatchObject({ key: 'trading-1', label: 'trading-1', objectId: key.objectId });
    expect(report?.findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(report?.findings).toHaveLength(16);
    await token.close();
  });

  it('is found by label alone, by label and id, and by nothing else', async () => {
    const { objectId: id, ...byLabel } = key;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await outcome(soft.start([byLabel]))).toBe('resolved');
    expect(await outcome(soft.start([{ ...key, label: 'trading' }]))).toBe('KEY_NOT_FOUND');
    expect(await outcome(soft.start([{ ...key, objectId: '00' }]))).toBe('KEY_NOT_FOUND');
  });

  it('of another public key is refused, although label and id are right', async () => {
    const publicKey = freshKeypair().publicKey;
    await expect(soft.start([{ ...key, publicKey }])).rejects.toMatchObject({
      code: 'KEY_UNTRUSTED',
      message: /not that of the pinned public key/,
    });
  });

  it('is not made or imported under a label that is taken', async () => {
    const { bytes } = freshKeypair();
    const file = keypairFile('taken.json', bytes);
    await soft.administer(async (administration) => {
      expect(await outcome(administration.generateKey({ label: 'trading-1' }))).toBe('KEY_AMBIGUOUS');
      const again = administration.importKey({ label: 'trading-1', keypairFile: file });
      // Under another label the same key would lie on the token twice.
      await expect(again).rejects.toMatchObject({
        code: 'KEY_AMBIGUOUS',
        hint: /with this label and no file/,
      });
    });
  });

  it('is ambiguous when another program made a second one with its label', async () => {
    const ambiguous = await soft.generate('twice');
    // CKK_EC_EDWARDS keys made by the stock tool from a file: label `twice`, another id.
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    const path = join(soft.directory, 'twice.pem');
    writeFileSync(path, pem, { mode: 0o600 });
    const pin = execFileSync('cat', [join(soft.directory, 'secrets/pin')], { encoding: 'utf8' }).trim();
    const arguments_ = [
      '--import',
      path,
      '--token',
      'test',
      '--label',
      'twice',
      '--id',
      'beef',
      '--pin',
      pin,
    ];
    execFileSync('softhsm2-util', arguments_, {
      env: { ...process.env, ...soft.access.environment },
      stdio: 'ignore',
    });
    const { objectId: id, ...byLabel } = ambiguous;
    expect(await outcome(soft.start([byLabel]))).toBe('KEY_AMBIGUOUS');
    expect(await outcome(soft.start([{ ...byLabel, ...(id === undefined ? {} : { objectId: id }) }]))).toBe(
      'resolved',
    );
    // The stock tool's template leaves powers to the key that ours denies.
    const stranger = { ...byLabel, objectId: 'beef' };
    await expect(soft.start([stranger])).rejects.toMatchObject({
      code: 'KEY_UNTRUSTED',
      message: /local is false/,
    });
  });
});

describe('import of a Solana keypair', () => {
  it('signs for the public key of the file, with the waiver only', async () => {
    const { publicKey, bytes } = freshKeypair();
    const file = keypairFile('good.json', bytes);
    const created = await soft.administer((one) => one.importKey({ label: 'imported', keypairFile: file }));
    expect(Buffer.from(created.publicKey)).toEqual(publicKey);
    const imported = { id: 'imported', label: 'imported', objectId: created.objectId, publicKey };
    await expect(soft.start([imported])).rejects.toMatchObject({ code: 'KEY_UNTRUSTED', hint: /waive/ });
    const token = await soft.start([{ ...imported, waivers: ['imported'] }]);
    const message = Buffer.from('m');
    const request = {
      key: pubkeyAt(publicKey),
      message,
      priority: 'normal',
      dispatch: () => undefined,
    } as const;
    expect(verifyStrict(enrolKey(publicKey)!, message, await token.sign(request))).toBe(true);
    const waived = token.report()[0]?.findings.filter(({ verdict }) => verdict === 'waived');
    expect(waived?.map(({ check }) => check)).toEqual([
      'always-sensitive',
      'never-extractable',
      'local',
      'generated-on-token',
    ]);
    await token.close();
  });

  it('refuses halves that do not belong together, and leaves nothing on the token', async () => {
    const [one, other] = [freshKeypair(), freshKeypair()];
    const file = keypairFile('mixed.json', [...one.seed, ...other.publicKey]);
    await soft.administer(async (administration) => {
      const before = await administration.listKeys();
      expect(await outcome(administration.importKey({ label: 'mixed', keypairFile: file }))).toBe(
        'KEY_UNTRUSTED',
      );
      expect(await administration.listKeys()).toEqual(before);
    });
  });
});

describe('the list of keys', () => {
  it('shows public keys and failed checks, and a destroyed key is gone', async () => {
    const made = await soft.generate('short-lived');
    await soft.administer(async (administration) => {
      const listed = (await administration.listKeys()).find(({ label }) => label === 'short-lived');
      expect(Buffer.from(listed!.publicKey!)).toEqual(Buffer.from(made.publicKey));
      expect(listed?.findings.every(({ verdict }) => verdict === 'pass')).toBe(true);
      await administration.destroyKey({ label: 'short-lived', objectId: made.objectId! });
      expect((await administration.listKeys()).map(({ label }) => label)).not.toContain('short-lived');
      const again = administration.destroyKey({ label: 'short-lived', objectId: made.objectId! });
      expect(await outcome(again)).toBe('KEY_NOT_FOUND');
    });
  });
});
