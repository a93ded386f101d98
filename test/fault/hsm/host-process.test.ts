import { ChildProcess, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import { startToken } from '../../../src/hsm/start-token.js';
import type { TokenEvent } from '../../../src/hsm/token-event.js';
import type { Token } from '../../../src/hsm/token.js';
import { outcome } from '../../support/hsm/outcome.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const LYING_HOST = fileURLToPath(new URL('../../support/hsm/lying-host.mjs', import.meta.url));
const WITHOUT_DESCRIPTORS = fileURLToPath(
  new URL('../../support/hsm/without-descriptors.mjs', import.meta.url),
);
/** Of the seed of 32 zero bytes (RFC 8032 has no such vector; OpenSSL derives it). */
const SEED = '00'.repeat(32);
const PUBLIC_KEY = Buffer.from('3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29', 'hex');
const MESSAGE = Buffer.from('a message');

let directory: string;
let told: string;
let events: TokenEvent[];
let token: Token | null;

beforeEach(() => {
  directory = temporaryDirectory();
  told = join(directory, 'told');
  events = [];
  token = null;
});

afterEach(async () => {
  await token?.close();
});

async function start(lie: string): Promise<Token> {
  token = await startToken({
    name: 'main',
    module: '/none',
    environment: { LIE: lie, LIE_SEED: SEED, LIE_TOLD: told },
    pin: { file: '/none' },
    pinned: { manufacturer: 'nobody', model: 'none', serial: '1', label: 'test' },
    hostScript: LYING_HOST,
    latchDirectory: directory,
    keys: [{ id: 'k', label: 'k', publicKey: PUBLIC_KEY }],
    report: (event) => void events.push(event),
    timing: { backoff: 10 },
  });
  return token;
}

const sign = (from: Token): Promise<Uint8Array> =>
  from.sign({
    key: pubkeyAt(PUBLIC_KEY),
    message: MESSAGE,
    priority: 'normal',
    dispatch: () => undefined,
  });

const ended = (): readonly string[] =>
  events.flatMap((event) => (event.type === 'host-ended' ? [event.reason] : []));

describe('a host that does not keep to the protocol', () => {
  it.each([
    'another request',
    'half a signature',
    'a start nobody asked for',
    'that it begins',
    'no JSON',
    'an unknown event',
    'an unknown frame',
    '4 GB',
  ])('answers %s: it is killed, the request fails, the next host signs', async (lie) => {
    const lied = await start(lie);
    expect(await outcome(sign(lied))).toBe('HSM_UNAVAILABLE');
    expect(verifyStrict(enrolKey(PUBLIC_KEY)!, MESSAGE, await sign(lied))).toBe(true);
    expect(ended()).toEqual(['it does not keep to the protocol']);
    expect(events.filter(({ type }) => type === 'host-started')).toHaveLength(2);
  });

  it('answers twice: the first answer is that of the request, which is for its asker to verify', async () => {
    const lied = await start('twice');
    expect(Buffer.from(await sign(lied))).toEqual(Buffer.alloc(64, 1));
    expect(verifyStrict(enrolKey(PUBLIC_KEY)!, MESSAGE, await sign(lied))).toBe(true);
    expect(ended()).toEqual(['it does not keep to the protocol']);
  });
});

describe('a host that the system does not take away', () => {
  it('is gone when it ended, though a process that its module forked lives on', async () => {
    const host = await start('dies, its helper lives');
    expect(await outcome(sign(host))).toBe('HSM_UNAVAILABLE');
    const helper = Number(readFileSync(told, 'utf8'));
    // Throws when it is not there: then this test would show nothing.
    process.kill(helper, 0);
    expect(verifyStrict(enrolKey(PUBLIC_KEY)!, MESSAGE, await sign(host))).toBe(true);
    expect(ended()).toEqual(['signal SIGKILL']);
    process.kill(helper, 'SIGKILL');
  });

  it('is given up when SIGKILL does not end it, as in a driver whose device hangs', async () => {
    const host = await start('no JSON');
    const stuck = host.hostPid!;
    const kill = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const refused = outcome(sign(host));
      while (kill.mock.calls.length === 0) await new Promise(setImmediate);
      vi.advanceTimersByTime(5000);
      expect(await refused).toBe('HSM_UNAVAILABLE');
      expect(ended()).toEqual(['it does not keep to the protocol, and SIGKILL does not end it']);
      vi.advanceTimersByTime(10);
    } finally {
      kill.mockRestore();
      vi.useRealTimers();
    }
    expect(verifyStrict(enrolKey(PUBLIC_KEY)!, MESSAGE, await sign(host))).toBe(true);
    expect(host.hostPid).not.toBe(stuck);
  });
});

it('a host for which the daemon has no descriptors is an error that time may cure, and ends nothing', () => {
  const { status, stdout, stderr } = spawnSync(
    'prlimit',
    ['--nofile=256:256', process.execPath, WITHOUT_DESCRIPTORS],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toBe(
    'HSM_UNAVAILABLE: the HSM host cannot be started: this process has no descriptors left\n',
  );
});
