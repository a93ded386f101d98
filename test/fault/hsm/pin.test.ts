import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import { faultyModule, type FaultyModule } from '../../support/hsm/faulty-module.js';
import { outcome } from '../../support/hsm/outcome.js';
import { softToken, type SoftToken } from '../../support/hsm/soft-token.js';

let template: SoftToken;
let soft: SoftToken;
let faulty: FaultyModule;
let key: TokenKey;
let pinFile: string;
let goodPin: string;

beforeAll(async () => {
  template = await softToken();
  key = await template.generate('trading-1');
});
afterAll(async () => {
  await template.remove();
});
beforeEach(() => {
  soft = template.copy();
  faulty = faultyModule(soft.directory, soft.access.environment);
  pinFile = join(soft.directory, 'secrets/pin');
  goodPin = readFileSync(pinFile, 'utf8');
});
afterEach(async () => {
  await soft.remove();
});

function writePin(pin: string): void {
  rmSync(pinFile, { force: true });
  writeFileSync(pinFile, pin, { mode: 0o400 });
  chmodSync(pinFile, 0o400);
}

const start = (): Promise<unknown> => soft.start([key], { ...faulty.access, timing: { start: 20_000 } });

describe('a PIN the token refuses', () => {
  it('I9: is tried once, whatever is restarted, and the record of it does not hold it', async () => {
    writePin('wrong-pin-1234\n');
    await expect(start()).rejects.toMatchObject({
      code: 'PIN_REFUSED',
      message: /CKR_PIN_INCORRECT \(0xa0\)/,
    });
    await expect(start()).rejects.toMatchObject({ code: 'PIN_REFUSED', message: /refused this PIN before/ });
    expect(await outcome(start())).toBe('PIN_REFUSED');
    expect(await outcome(soft.administer(() => Promise.resolve(), faulty.access))).toBe('PIN_REFUSED');
    expect(faulty.calls('C_Login')).toBe(1);
    const latch = join(soft.directory, 'latch');
    for (const name of readdirSync(latch))
      expect(readFileSync(join(latch, name), 'utf8')).not.toContain('wrong-pin');
  });

  it('is remembered when the file is written anew with the same PIN, and beside another wrong one', async () => {
    for (const pin of ['wrong-pin-1\n', 'wrong-pin-2\n', 'wrong-pin-1', 'wrong-pin-2\n']) {
      writePin(pin);
      expect(await outcome(start())).toBe('PIN_REFUSED');
    }
    expect(faulty.calls('C_Login')).toBe(2);
  });

  it('is remembered when another token with its serial accepts another: some makers give all the same', async () => {
    writePin('wrong-pin-1\n');
    expect(await outcome(start())).toBe('PIN_REFUSED');
    const other = template.copy();
    try {
      const foreign = faultyModule(other.directory, other.access.environment);
      foreign.command(`C_GetTokenInfo maker ${String('X'.charCodeAt(0))}`);
      const pinned = { ...other.identity, manufacturer: other.identity.manufacturer.replace(/^./, 'X') };
      const { latchDirectory } = soft.access;
      expect(await outcome(other.start([key], { ...foreign.access, pinned, latchDirectory }))).toBe(
        'resolved',
      );
    } finally {
      await other.remove();
    }
    await expect(start()).rejects.toMatchObject({ code: 'PIN_REFUSED', message: /refused this PIN before/ });
    expect(faulty.calls('C_Login')).toBe(1);
  });

  it('is tried once by several that log in at the same moment, and the right one lets all of them in', async () => {
    writePin('wrong-pin-1\n');
    const together = (): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 5 }, () => outcome(soft.administer(() => Promise.resolve(), faulty.access))),
      );
    expect(new Set(await together())).toEqual(new Set(['PIN_REFUSED']));
    expect(faulty.calls('C_Login')).toBe(1);
    writePin(goodPin);
    expect(new Set(await together())).toEqual(new Set(['resolved']));
  });

  it('does not stand in the way of the right one, which is reported beside the earlier mistake', async () => {
    writePin('wrong-pin-1\n');
    expect(await outcome(start())).toBe('PIN_REFUSED');
    writePin(goodPin);
    expect(await outcome(start())).toBe('resolved');
    expect(readdirSync(join(soft.directory, 'latch'))).toEqual([]);
    expect(soft.events).toContainEqual({
      type: 'warning',
      token: 'main',
      message: 'a wrong PIN was tried on this token since the last good login',
    });
  });

  it.each(['0xa1', '0xa2', '0xa3', '0xa4'])('%s latches as well', async (code) => {
    faulty.command(`C_Login fail ${code}`);
    expect(await outcome(start())).toBe('PIN_REFUSED');
    faulty.command();
    expect(await outcome(start())).toBe('PIN_REFUSED');
    expect(faulty.calls('C_Login')).toBe(1);
  });

  it.each(['0x80000123', '0x5', '0x6'])(
    'that a maker refuses with a code of its own (%s) may have cost a try, and is not tried again',
    async (code) => {
      // Another maker than SoftHSM, whose flags would say that no try was used up.
      const maker = 'C_GetTokenInfo maker 88';
      const pinned = { ...soft.identity, manufacturer: `X${soft.identity.manufacturer.slice(1)}` };
      const start = (): Promise<unknown> => soft.start([key], { ...faulty.access, pinned });
      faulty.command(maker, `C_Login fail ${code}`);
      await expect(start()).rejects.toMatchObject({
        code: 'HSM_UNAVAILABLE',
        message: expect.stringContaining(code) as string,
      });
      faulty.command(maker);
      await expect(start()).rejects.toMatchObject({ code: 'PIN_REFUSED', message: /may have refused it/ });
      expect(faulty.calls('C_Login')).toBe(1);
    },
  );

  it('latches a running token whose PIN was changed, after one try', async () => {
    const token = await soft.start([key], { ...faulty.access, timing: { backoff: 10 } });
    const before = faulty.calls('C_Login');
    faulty.command('C_Login fail 0xa0', 'C_SignInit fail 0x101');
    const request = {
      key: pubkeyAt(key.publicKey),
      message: Buffer.from('x'),
      priority: 'normal',
      dispatch: () => undefined,
    } as const;
    await expect(token.sign(request)).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: /the token refused the PIN of .*CKR_PIN_INCORRECT/,
      hint: /operator/,
    });
    await vi.waitFor(() => {
      expect(token.hostPid).toBeNull();
    });
    expect(token.state).toBe('latched');
    await expect(token.sign(request)).rejects.toMatchObject({ code: 'HSM_UNAVAILABLE', hint: /operator/ });
    expect(token.stops()).toMatchObject({ code: 'HSM_UNAVAILABLE', hint: /operator/ });
    expect(faulty.calls('C_Login')).toBe(before + 1);
  });
});

describe('a login that does not come to an end', () => {
  it('tries a PIN of unknown standing again only on a token that counts refusals visibly', async () => {
    faulty.command('C_Login crash');
    expect(await outcome(start())).toBe('HSM_UNAVAILABLE');
    expect(readdirSync(join(soft.directory, 'latch'))).toHaveLength(1);
    faulty.command();
    expect(await outcome(start())).toBe('resolved');
  });

  it('is not tried again when the token says that a wrong PIN was entered', async () => {
    const wrongElsewhere = join(soft.directory, 'secrets/other-pin');
    writeFileSync(wrongElsewhere, 'wrong-pin-9\n', { mode: 0o400 });
    faulty.command('C_Login crash');
    expect(await outcome(start())).toBe('HSM_UNAVAILABLE');
    faulty.command();
    const changes = { ...faulty.access, pin: { file: wrongElsewhere } };
    expect(await outcome(soft.start([key], changes))).toBe('PIN_REFUSED');
    await expect(start()).rejects.toMatchObject({ code: 'PIN_REFUSED', message: /did not end/ });
  });

  it('costs no try when the token failed for another reason', async () => {
    faulty.command('C_Login fail 0x30');
    expect(await outcome(start())).toBe('HSM_UNAVAILABLE');
    expect(readdirSync(join(soft.directory, 'latch'))).toEqual([]);
    faulty.command();
    expect(await outcome(start())).toBe('resolved');
  });

  it('needs the record: without it nothing is tried', async () => {
    const name = 'pin-0000.json';
    rmSync(join(soft.directory, 'latch'), { recursive: true });
    writeFileSync(join(soft.directory, 'latch'), name);
    const before = faulty.calls('C_Login');
    expect(await outcome(start())).toBe('FILE_UNREADABLE');
    expect(faulty.calls('C_Login')).toBe(before);
  });
});

describe('the PIN file', () => {
  it('is refused when others can read it', async () => {
    chmodSync(pinFile, 0o440);
    await expect(start()).rejects.toMatchObject({ code: 'PERMISSION_UNSAFE', hint: /chmod 0400/ });
    expect(faulty.calls('C_Login')).toBe(0);
  });

  it('is refused when empty, binary, with control characters, too long, or a link', async () => {
    for (const pin of ['', '\n', 'a\u0000b', 'a\tb', 'x'.repeat(2000)]) {
      writePin(pin);
      expect(await outcome(start())).toBe('PIN_REFUSED');
    }
    rmSync(pinFile);
    expect(await outcome(start())).toBe('FILE_UNREADABLE');
    expect(faulty.calls('C_Login')).toBe(0);
  });

  it('I9: never reaches the environment, the arguments or the memory map of names of the host', async () => {
    const token = await soft.start([key]);
    const proc = `/proc/${String(token.hostPid)}`;
    for (const name of ['environ', 'cmdline', 'status']) {
      expect(readFileSync(`${proc}/${name}`, 'latin1')).not.toContain(goodPin.trim());
    }
    expect(JSON.stringify(soft.events)).not.toContain(goodPin.trim());
  });

  it("I9: the host leaves no core dump, gains no privileges and does not inherit the daemon's environment", async () => {
    process.env['CHANCERY_TEST_SECRET'] = 'must-not-travel';
    const token = await soft.start([key]);
    delete process.env['CHANCERY_TEST_SECRET'];
    const proc = `/proc/${String(token.hostPid)}`;
    expect(readFileSync(`${proc}/environ`, 'latin1')).not.toContain('must-not-travel');
    expect(readFileSync(`${proc}/limits`, 'latin1')).toMatch(/Max core file size +[01] +[01] /);
    expect(readFileSync(`${proc}/status`, 'latin1')).toMatch(/NoNewPrivs:\t1/);
  });
});
