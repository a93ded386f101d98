import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import type { SignRequest } from '../../../src/core/signer.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import type { Token } from '../../../src/hsm/token.js';
import { faultyModule, type FaultyModule } from '../../support/hsm/faulty-module.js';
import { outcome } from '../../support/hsm/outcome.js';
import { softToken, type SoftToken } from '../../support/hsm/soft-token.js';

let template: SoftToken;
let soft: SoftToken;
let faulty: FaultyModule;
let key: TokenKey;
let token: Token;

beforeAll(async () => {
  template = await softToken();
  key = await template.generate('trading-1');
});
afterAll(async () => {
  await template.remove();
});
beforeEach(async () => {
  soft = template.copy();
  faulty = faultyModule(soft.directory, soft.access.environment);
  token = await soft.start([key], { ...faulty.access, timing: { backoff: 10, watchdog: WATCHDOG } });
});
afterEach(async () => {
  await soft.remove();
});

/** A busy machine may take a second and more for a host that is at work. */
const WATCHDOG = 4000;
const MESSAGE = Buffer.from('a message');

function sign(changes: Partial<SignRequest> = {}, by = token): Promise<Uint8Array> {
  return by.sign({
    key: pubkeyAt(key.publicKey),
    message: MESSAGE,
    priority: 'normal',
    dispatch: () => undefined,
    ...changes,
  });
}

async function signsWell(by = token): Promise<boolean> {
  return verifyStrict(enrolKey(key.publicKey)!, MESSAGE, await sign({}, by));
}

function ready(): Promise<void> {
  return vi.waitFor(
    () => {
      expect(token.state).toBe('ready');
    },
    { timeout: 15_000, interval: 20 },
  );
}

describe('a module that fails', () => {
  it.each([
    ['C_SignInit', '0xb3', 'CKR_SESSION_HANDLE_INVALID', 'session'],
    ['C_Sign', '0xb0', 'CKR_SESSION_CLOSED', 'session'],
    ['C_SignInit', '0x90', 'CKR_OPERATION_ACTIVE', 'session'],
    ['C_SignInit', '0x101', 'CKR_USER_NOT_LOGGED_IN', 'login'],
    ['C_SignInit', '0x60', 'CKR_KEY_HANDLE_INVALID', 'login'],
    ['C_SignInit', '0x82', 'CKR_OBJECT_HANDLE_INVALID', 'login'],
  ])(
    '%s %s (%s): repairs by a new session or login, and the request does not notice',
    async (call, code, name, action) => {
      const { hostPid } = token;
      faulty.command(`${call} once ${code}`);
      expect(await signsWell()).toBe(true);
      expect(soft.events).toContainEqual({
        type: 'recovered',
        token: 'main',
        action,
        returnValue: `${name} (${code})`,
      });
      expect(token.hostPid).toBe(hostPid);
    },
  );

  it.each(['0x30', '0x32', '0xe0', '0x5', '0x190'])(
    'C_Sign %s: the request fails, a new host signs',
    async (code) => {
      const { hostPid } = token;
      faulty.command(`C_Sign fail ${code}`);
      expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
      faulty.command();
      expect(await signsWell()).toBe(true);
      expect(token.hostPid).not.toBe(hostPid);
      const ended = soft.events.find((event) => event.type === 'host-ended');
      expect(ended).toMatchObject({ reason: expect.stringContaining(`(${code})`) as string });
    },
  );

  it('fails a request that the token refuses, and the next one on a fresh session succeeds', async () => {
    const sessions = faulty.calls('C_OpenSession');
    faulty.command('C_Sign once 0xa4');
    await expect(sign()).rejects.toMatchObject({ code: 'HSM_UNAVAILABLE', message: /CKR_PIN_LOCKED/ });
    expect(soft.events.at(-1)).toMatchObject({ type: 'recovered', action: 'session' });
    expect(await signsWell()).toBe(true);
    expect(faulty.calls('C_OpenSession')).toBe(sessions + 1);
  });

  it('signs, says it failed, and leaves nothing active behind', async () => {
    faulty.command('C_Sign after 0x6');
    expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
    faulty.command();
    expect(await signsWell()).toBe(true);
  });

  it('a token that has lost its sessions and with them its login is repaired within one request', async () => {
    const { hostPid } = token;
    faulty.command('C_SignInit once 0xb3', 'C_Sign once 0x101');
    expect(await signsWell()).toBe(true);
    expect(soft.events.flatMap((event) => (event.type === 'recovered' ? [event.action] : []))).toEqual([
      'session',
      'login',
    ]);
    expect(token.hostPid).toBe(hostPid);
  });

  it('a repair that does not help is made once for a request', async () => {
    const sessions = faulty.calls('C_OpenSession');
    faulty.command('C_SignInit fail 0xb3');
    await expect(sign()).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /SESSION_HANDLE_INVALID/,
    });
    expect(faulty.calls('C_OpenSession')).toBe(sessions + 2);
  });

  it.each(['fail 0x6', 'short'])(
    'starts the host afresh after five failures in a row (%s)',
    async (fault) => {
      const { hostPid } = token;
      faulty.command(`C_Sign ${fault}`);
      const codes = await Promise.all(Array.from({ length: 5 }, () => outcome(sign())));
      expect(codes).toEqual(new Array(5).fill('HSM_UNAVAILABLE'));
      faulty.command();
      expect(await signsWell()).toBe(true);
      expect(token.hostPid).not.toBe(hostPid);
    },
  );

  it('does not spin while the token stays away: the pauses grow', async () => {
    faulty.command('C_OpenSession fail 0xe0', 'C_Sign fail 0xe0');
    expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
    // A restart may succeed: until one has failed, requests are worth waiting with.
    expect(token.stops()).toBeNull();
    await vi.waitFor(
      () => {
        const delays = soft.events.flatMap((event) => (event.type === 'restarting' ? [event.delayMs] : []));
        expect(delays.slice(0, 3)).toEqual([10, 20, 40]);
      },
      { timeout: 15_000 },
    );
    expect(token.stops()).toMatchObject({ code: 'HSM_UNAVAILABLE', message: /CKR_TOKEN_NOT_PRESENT/ });
    faulty.command();
    expect(await signsWell()).toBe(true);
    expect(token.stops()).toBeNull();
  });
});

describe('a restart that will not come in time for who asks now', () => {
  const restarting = (by: Token): Promise<void> =>
    vi.waitFor(() => {
      expect(by.state).toBe('restarting');
    });

  it('is told to those who ask, when the pause before it is longer than a request may wait', async () => {
    const slow = await soft.start([key], { ...faulty.access, timing: { backoff: 60_000 } });
    process.kill(slow.hostPid!, 'SIGKILL');
    await restarting(slow);
    expect(slow.stops()).toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /its host ended: signal SIGKILL/,
    });
  });

  it('is told to those who ask, when the module hangs at the start', async () => {
    const hanging = await soft.start([key], { ...faulty.access, timing: { backoff: 10, queue: 200 } });
    faulty.command('C_Login hang');
    process.kill(hanging.hostPid!, 'SIGKILL');
    await restarting(hanging);
    expect(hanging.stops()).toBeNull();
    await vi.waitFor(
      () => {
        expect(hanging.stops()).toMatchObject({ code: 'HSM_UNAVAILABLE', message: /its host ended/ });
      },
      { timeout: 10_000 },
    );
    expect(hanging.state).toBe('restarting');
  });
});

describe('a token that is away', () => {
  it('goes on by itself when it is back, though another with its label was there meanwhile', async () => {
    const tokens = join(soft.directory, 'tokens');
    const [pinned = ''] = readdirSync(tokens);
    // Some makers give every token one label.
    const { label } = soft.identity;
    execFileSync(
      'softhsm2-util',
      ['--init-token', '--free', '--label', label, '--pin', '1234', '--so-pin', '1234'],
      {
        env: { ...process.env, ...soft.access.environment },
      },
    );
    renameSync(join(tokens, pinned), join(soft.directory, pinned));
    process.kill(token.hostPid!, 'SIGKILL');
    await vi.waitFor(
      () => {
        expect(token).toMatchObject({ state: 'restarting', trouble: /^no token "test" / });
      },
      { timeout: 10_000 },
    );
    expect(faulty.calls('C_Login')).toBe(1);
    renameSync(join(soft.directory, pinned), join(tokens, pinned));
    await ready();
    expect(await signsWell()).toBe(true);
  });
});

it('a copy of the token with another key of that name, put there while it signs, is found out before it signs', async () => {
  const { id, label, publicKey } = key;
  const labelled = await soft.start([{ id, label, publicKey }]);
  const copy = soft.copy();
  await copy.administer(async (administration) => {
    const [old] = await administration.listKeys();
    await administration.destroyKey(old!);
    await administration.generateKey(old!);
  });
  const tokens = (of: SoftToken): string => join(of.directory, 'tokens');
  renameSync(tokens(soft), join(soft.directory, 'away'));
  renameSync(tokens(copy), tokens(soft));
  expect(await outcome(sign({}, labelled))).toBe('HSM_UNAVAILABLE');
  await vi.waitFor(() => {
    expect(soft.events).toContainEqual(expect.objectContaining({ type: 'latched', code: 'KEY_UNTRUSTED' }));
  }, 10_000);
  await copy.remove();
});

describe('what a real token punishes and SoftHSM lets pass', () => {
  it('two sessions are all it takes, however often they are replaced', async () => {
    const { hostPid } = token;
    const limited = (...commands: readonly string[]): void => {
      faulty.command('C_OpenSession limit 2', ...commands);
    };
    for (let round = 0; round < 3; round++) {
      for (const code of ['0xb3', '0x90', '0x101', '0x60']) {
        limited(`C_SignInit once ${code}`);
        expect(await signsWell(), code).toBe(true);
      }
      limited('C_Sign once 0x21');
      expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
      expect(await signsWell()).toBe(true);
    }
    expect(token.hostPid).toBe(hostPid);
    // The module does count: a third is refused.
    const anchor = token.replaceObjects('a name', Buffer.from('a value'));
    await expect(anchor).rejects.toMatchObject({ message: /CKR_SESSION_COUNT/ });
  });

  it('a third session is for the moment in which an object is put on the token', async () => {
    faulty.command('C_OpenSession limit 3');
    for (const value of ['one', 'two', 'three']) await token.replaceObjects('a name', Buffer.from(value));
    expect((await token.readObjects('a name')).map((bytes) => Buffer.from(bytes).toString())).toEqual([
      'three',
    ]);
  });

  it('a token without read-only sessions signs in one that could write', async () => {
    faulty.command('C_OpenSession readonly 0xb5');
    const other = await soft.start([key], faulty.access);
    expect(await signsWell(other)).toBe(true);
  });

  it('a token without Ed25519 is not logged in to', async () => {
    faulty.command('C_GetMechanismList hide 0x1057');
    const logins = faulty.calls('C_Login');
    const refusal = { code: 'TOKEN_MISMATCH', message: /offers no Ed25519 signatures/ };
    await expect(soft.start([key], faulty.access)).rejects.toMatchObject(refusal);
    await expect(soft.administer(() => Promise.resolve(), faulty.access)).rejects.toMatchObject(refusal);
    expect(faulty.calls('C_Login')).toBe(logins);
  });

  it('a session that is good for one signature is replaced for each', async () => {
    const sessions = faulty.calls('C_OpenSession');
    faulty.command('C_Sign second 0x91');
    for (let signed = 0; signed < 10; signed++) expect(await signsWell()).toBe(true);
    expect(faulty.calls('C_OpenSession')).toBe(sessions + 10);
    // Where the module gives no reason that a new session cures, that request fails, and not the next.
    faulty.command('C_Sign second 0x6');
    const outcomes = [];
    for (let asked = 0; asked < 6; asked++) outcomes.push(await outcome(sign()));
    expect(outcomes.filter((one) => one === 'resolved')).toHaveLength(3);
    expect(outcomes.filter((one) => one === 'HSM_UNAVAILABLE')).toHaveLength(3);
  });
});

describe('a module that lies', () => {
  it('I9: another token in the slot of a running one is not given the PIN', async () => {
    const logins = faulty.calls('C_Login');
    faulty.command('C_GetTokenInfo serial 122', 'C_SignInit fail 0x101');
    expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
    await vi.waitFor(() => {
      expect(token).toMatchObject({ state: 'restarting', trouble: /^no token "test" / });
    }, 15_000);
    expect(faulty.calls('C_Login')).toBe(logins);
    faulty.command();
    await ready();
    expect(await signsWell()).toBe(true);
  });

  it('a token that fails while a key is made keeps nothing of it', async () => {
    faulty.command('C_GetAttributeValue fail 0x30');
    const made = soft.administer((by) => by.generateKey({ label: 'new' }), faulty.access);
    expect(await outcome(made)).toBe('HSM_UNAVAILABLE');
    faulty.command();
    const labels = await soft.administer(async (by) => (await by.listKeys()).map(({ label }) => label));
    expect(labels).toEqual(['trading-1']);
  });

  it('a host that dies while a key is imported leaves its label free for the next try', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
    const publicKey = Buffer.from(x, 'base64url');
    const keypairFile = join(soft.directory, 'keypair.json');
    const bytes = [...Buffer.from(d, 'base64url'), ...publicKey];
    writeFileSync(keypairFile, JSON.stringify(bytes), { mode: 0o600 });
    const brought = () => soft.administer((by) => by.importKey({ label: 'old', keypairFile }), faulty.access);
    faulty.command('C_CreateObject later');
    expect(await outcome(brought())).toBe('HSM_UNAVAILABLE');
    faulty.command();
    expect((await brought()).publicKey).toEqual(publicKey);
    const listed = await soft.administer((by) => by.listKeys());
    expect(listed.filter(({ label }) => label === 'old')).toMatchObject([{ publicKey }]);
  });

  it('I1: a flipped bit does not verify, and nothing reports the signature', async () => {
    faulty.command('C_Sign corrupt 77');
    const signature = await sign();
    expect(verifyStrict(enrolKey(key.publicKey)!, MESSAGE, signature)).toBe(false);
    const reported = JSON.stringify(soft.events);
    expect(reported).not.toContain(Buffer.from(signature).toString('hex'));
    expect(reported).not.toContain(Buffer.from(signature).toString('base64'));
  });

  it('a short signature is a failure', async () => {
    faulty.command('C_Sign short');
    await expect(sign()).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /no signature of 64 bytes/,
    });
  });

  it('success without a signature does not pass off the last one', async () => {
    const first = await sign();
    faulty.command('C_Sign nothing');
    const second = await sign();
    expect(second).not.toEqual(first);
    expect(verifyStrict(enrolKey(key.publicKey)!, MESSAGE, second)).toBe(false);
  });

  it('a key that signs wrongly at the start is not started with', async () => {
    faulty.command('C_Sign corrupt 3');
    expect(await outcome(soft.start([key], faulty.access))).toBe('KEY_UNTRUSTED');
  });
});

describe('a module that crashes or hangs', () => {
  it('fails what is in flight, keeps what waits, and starts again', async () => {
    const { hostPid } = token;
    faulty.command('C_Sign crash');
    expect(await outcome(sign())).toBe('HSM_UNAVAILABLE');
    faulty.command();
    expect(await signsWell()).toBe(true);
    expect(token.hostPid).not.toBe(hostPid);
    const ended = soft.events.find((event) => event.type === 'host-ended');
    expect(ended).toMatchObject({ reason: 'signal SIGSEGV', inFlight: 1 });
  });

  it('every request gets one answer when the host is killed under load', async () => {
    const requests = Array.from({ length: 200 }, (_, index) => {
      if (index === 100) setTimeout(() => process.kill(token.hostPid!, 'SIGKILL'), 5);
      return outcome(sign());
    });
    const codes = await Promise.all(requests);
    expect(codes.filter((code) => code === 'resolved' || code === 'HSM_UNAVAILABLE')).toHaveLength(200);
    expect(codes).toContain('resolved');
    await ready();
    expect(await signsWell()).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s to all processes leaves the host to the daemon',
    async (signal) => {
      const { hostPid } = token;
      expect(await signsWell()).toBe(true);
      process.kill(hostPid!, signal);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await signsWell()).toBe(true);
      expect(token.hostPid).toBe(hostPid);
    },
  );

  it('kills a host that hangs', async () => {
    faulty.command('C_Sign hang');
    const hanging = outcome(sign());
    expect(await hanging).toBe('HSM_UNAVAILABLE');
    faulty.command();
    expect(await signsWell()).toBe(true);
    const ended = soft.events.find((event) => event.type === 'host-ended');
    expect(ended).toMatchObject({ reason: `no answer for ${String(WATCHDOG)} ms` });
  });

  it('ends a hanging host when it is closed', async () => {
    const pid = token.hostPid!;
    faulty.command('C_Sign hang');
    const hanging = outcome(sign());
    await token.close();
    expect(await hanging).toBe('HSM_UNAVAILABLE');
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it('refuses to start on a module that hangs in login, and leaves no host behind', async () => {
    faulty.command('C_Login hang');
    await expect(soft.start([key], { ...faulty.access, timing: { start: 1500 } })).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /did not start within 1\.5 s/,
    });
  });
});
