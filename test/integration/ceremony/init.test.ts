import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../../src/audit/verify.js';
import { checkLedger } from '../../../src/ceremony/doctor-ledger.js';
import { init } from '../../../src/ceremony/init.js';
import { readInForce } from '../../../src/ceremony/offline-ledger.js';
import { loadConfig } from '../../../src/config/chancery-yaml.js';
import { wallClock } from '../../../src/core/clock.js';
import { nodeFiles } from '../../../src/os/files.js';
import { SmallDisk } from '../../support/disk/small-disk.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const HOST_SCRIPT = fileURLToPath(new URL('../../../dist/hsm/pkcs11/host-main.js', import.meta.url));
const clock = { wall: wallClock, boot: () => 0 };
const files = nodeFiles();

let root: string;
let mask: number;

beforeEach(() => {
  root = temporaryDirectory();
  mask = process.umask(0o022);
});
afterEach(() => {
  process.umask(mask);
});

const run = (directory: string, name = 'demo', hostScript = HOST_SCRIPT) =>
  init({ directory, name, clock, files, hostScript });

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('chancery init', () => {
  it('makes all of a set-up, in a path with spaces and with umask 077', async () => {
    process.umask(0o077);
    const directory = join(root, 'with spaces', "and 'quotes'");
    const made = await run(directory);
    expect(readdirSync(directory).sort()).toEqual([
      'chancery.yaml',
      'genesis.json',
      'ledger',
      'policy.yaml',
      'policy.yaml.sig',
      'run',
      'secrets',
      'softhsm2.conf',
      'tokens',
    ]);
    expect(mode(join(directory, 'secrets'))).toBe(0o700);
    expect(mode(join(directory, 'tokens'))).toBe(0o700);
    for (const secret of ['pin', 'so-pin', 'sovereign']) {
      expect(mode(join(directory, 'secrets', secret))).toBe(0o400);
    }
    const config = loadConfig(made.config);
    expect(config.name).toBe('demo');
    // The set-up was built elsewhere: nothing may still point there.
    expect(readFileSync(join(directory, 'softhsm2.conf'), 'utf8')).toContain(`${directory}/tokens\n`);
    for (const text of ['chancery.yaml', 'policy.yaml', 'softhsm2.conf']) {
      expect(readFileSync(join(directory, text), 'utf8')).not.toContain('.init-');
    }
    const heard: (number | null)[] = [];
    const { state, policy } = await readInForce(config, files, (progress) =>
      heard.push(progress?.entries ?? null),
    );
    expect(heard).toEqual([1, 2, null]);
    expect(state.origin).toBe(made.origin);
    expect(policy.warnings).toEqual([]);
    expect(policy.workloads.map(({ id }) => id)).toEqual(['spiffe://dev.chancery.local/agent']);
    expect([...policy.keys.values()].map(({ id, role, address }) => [id, role, address])).toEqual([
      ['trading-1', 'wallet', made.keys[0]?.publicKey],
      ['ledger', 'ledger', made.keys[1]?.publicKey],
    ]);
    const report = await verifyLedger({
      directory: config.ledger.directory,
      publicKeys: [made.keys[1]?.publicKey ?? ''],
    });
    expect(report).toMatchObject({ sound: true, entries: 2, statements: 2, pinned: true });
  });

  it('lets nobody else write what it made, whatever the umask: doctor would be right to call that unsafe', async () => {
    process.umask(0);
    const directory = join(root, 'made', 'site');
    await run(directory);
    const all = ['..', '.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })];
    expect(all.filter((name) => (mode(join(directory, name)) & 0o022) !== 0)).toEqual([]);
  });

  it('I9: writes no secret anywhere but into secrets/', async () => {
    const directory = join(root, 'site');
    await run(directory);
    const secrets = ['pin', 'so-pin'].map((name) =>
      readFileSync(join(directory, 'secrets', name), 'utf8').trim(),
    );
    const everything = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/secrets'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(everything.length).toBeGreaterThan(5);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThanOrEqual(16);
      expect(everything.some((text) => text.includes(secret))).toBe(false);
    }
  });

  it('doctor holds the clock against the last entry it read, which a daemon may have written meanwhile', async () => {
    const made = await run(join(root, 'site'));
    let read = false;
    const noticed: typeof files = {
      ...files,
      list: async (path) => {
        read = true;
        return files.list(path);
      },
    };
    const going = { wall: () => (read ? wallClock() : 0), boot: () => 0 };
    const { lines } = await checkLedger(loadConfig(made.config), noticed, going);
    expect(lines.find(({ subject }) => subject === 'clock')).toMatchObject({ verdict: 'ok' });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'doctor makes no lock in the ledger of another user (needs root)',
    async () => {
      const made = await run(join(root, 'site'));
      const config = loadConfig(made.config);
      // As in a ledger that was restored from a backup, which has none.
      rmSync(join(config.ledger.directory, 'lock'));
      chownSync(config.ledger.directory, 65_532, 65_532);
      const { lines } = await checkLedger(config, files, clock);
      expect(lines.find(({ subject }) => subject === 'daemon')).toMatchObject({ finding: 'does not run' });
      expect(readdirSync(config.ledger.directory)).not.toContain('lock');
    },
  );

  it('doctor fails a lock that the daemon could not take', async () => {
    const made = await run(join(root, 'site'));
    const config = loadConfig(made.config);
    const lock = join(config.ledger.directory, 'lock');
    rmSync(lock);
    // As one of another user, for root too.
    mkdirSync(lock);
    const { lines } = await checkLedger(config, files, clock);
    expect(lines.find(({ subject }) => subject === 'daemon')).toMatchObject({
      verdict: 'fail',
      finding: expect.stringMatching(/EISDIR/) as string,
      fix: expect.stringContaining(lock) as string,
    });
  });

  it('takes an empty directory and keeps it', async () => {
    const directory = join(root, 'mine');
    mkdirSync(directory);
    const before = statSync(directory).ino;
    await run(directory);
    // A shell that stands in it must not find itself in a removed directory.
    expect(statSync(directory).ino).toBe(before);
  });

  it('changes nothing in a directory that is not empty', async () => {
    const directory = join(root, 'full');
    mkdirSync(directory);
    writeFileSync(join(directory, 'notes'), 'mine');
    expect((await rejected(run(directory))).code).toBe('DIRECTORY_NOT_EMPTY');
    expect(readdirSync(directory)).toEqual(['notes']);
  });

  it('leaves nothing behind when the token cannot be made', async () => {
    const absent = join(root, 'a', 'b');
    const present = join(root, 'present');
    mkdirSync(present);
    const broken = join(root, 'no-such-host.js');
    expect((await rejected(run(absent, 'demo', broken))).code).toBe('HSM_UNAVAILABLE');
    expect((await rejected(run(present, 'demo', broken))).code).toBe('HSM_UNAVAILABLE');
    expect(existsSync(join(root, 'a'))).toBe(false);
    expect(readdirSync(present)).toEqual([]);
  });

  it('on a full disk says so, and leaves nothing', async ({ skip }) => {
    const disk = SmallDisk.tmpfs(join(root, 'disk'), 64);
    try {
      skip(disk.refused !== null);
      disk.leave(0);
      const error = await rejected(run(join(disk.directory, 'site')));
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.message).toMatch(/site \(ENOSPC\)$/);
      expect(error.hint).toMatch(/^make room/);
      expect(readdirSync(disk.directory)).toEqual(['ballast']);
    } finally {
      disk.remove();
    }
  });

  it('refuses before it makes anything: a name, a path too long for a socket, one SoftHSM cannot express', async () => {
    expect((await rejected(run(join(root, 'site'), 'No Name'))).code).toBe('USAGE');
    expect((await rejected(run(join(root, 'x'.repeat(100))))).code).toBe('PATH_TOO_LONG');
    expect((await rejected(run(join(root, 'a#b')))).code).toBe('CONFIG_INVALID');
    expect(readdirSync(root)).toEqual([]);
  });

  it('gives two set-ups of one name two origins: a statement for one is never good for the other', async () => {
    const one = await run(join(root, 'one'));
    const two = await run(join(root, 'two'));
    expect(one.origin).not.toBe(two.origin);
  });
});
