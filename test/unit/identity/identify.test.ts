import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutableDigests } from '../../../src/identity/executable-digests.js';
import { identify } from '../../../src/identity/identify.js';
import type { Peer } from '../../../src/identity/peer.js';
import type { Selector } from '../../../src/identity/selector.js';
import { canUnshare, isRoot, peerSite, PYTHON, type PeerSite } from '../../support/peers.js';

let site: PeerSite;
let peer: Peer;
const digests = new ExecutableDigests();
beforeAll(async () => {
  site = await peerSite();
  ({ peer } = await site.connect());
});
afterAll(() => site.close());

const ID = 'spiffe://example.org/agent';
const OTHER = 'spiffe://example.org/other';
const uid = process.geteuid?.() ?? -1;
const gid = process.getegid?.() ?? -1;
const sameUid: Selector = { kind: 'unix:uid', value: uid };
const unknown = { code: 'WORKLOAD_UNKNOWN' };

const ask = (selectors: readonly Selector[], who = peer): Promise<string> =>
  identify(who, [{ id: ID, selectors }], digests);

/** Python in a place of our own, as the executable that a selector names. */
function installed(name: string, mode = 0o755): string {
  const directory = join(site.directory, name);
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  const path = join(directory, 'agent');
  copyFileSync(PYTHON, path);
  chmodSync(path, mode);
  return path;
}

const connect = async (path: string): Promise<Peer> => (await site.connect({ command: [path] })).peer;

describe('ids', () => {
  it('matches by uid, gid and the names the system gives them', async () => {
    expect(await ask([sameUid])).toBe(ID);
    expect(await ask([sameUid, { kind: 'unix:gid', value: gid }])).toBe(ID);
    const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
    const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
    expect(await ask([{ kind: 'unix:user', value: user }])).toBe(ID);
    expect(await ask([{ kind: 'unix:group', value: group }])).toBe(ID);
  });

  it.each<Selector>([
    { kind: 'unix:uid', value: uid + 1 },
    { kind: 'unix:gid', value: gid + 1 },
    { kind: 'unix:user', value: 'nobody-of-that-name' },
    { kind: 'unix:group', value: 'nogroup-of-that-name' },
    { kind: 'unix:supplementary_gid', value: 424_242 },
    { kind: 'unix:supplementary_group', value: 'nogroup-of-that-name' },
    { kind: 'unix:path', value: '/bin/false' },
    { kind: 'unix:sha256', value: '0'.repeat(64) },
  ])('refuses a caller without the fact $kind=$value, though its uid matches', async (selector) => {
    await expect(ask([sameUid, selector])).rejects.toMatchObject(unknown);
    await expect(ask([selector, sameUid])).rejects.toMatchObject(unknown);
  });

  it.runIf(isRoot)('matches supplementary groups', async () => {
    const { peer: grouped } = await site.connect({ command: ['setpriv', '--groups', '4321,65534', PYTHON] });
    expect(await ask([{ kind: 'unix:supplementary_gid', value: 4321 }], grouped)).toBe(ID);
    // Every group without a mapping looks like 65534.
    await expect(ask([{ kind: 'unix:supplementary_gid', value: 65_534 }], grouped)).rejects.toMatchObject(
      unknown,
    );
  });

  it('never matches a registration without selectors', async () => {
    await expect(ask([])).rejects.toMatchObject(unknown);
  });

  it('refuses two matching registrations with different ids, accepts two of one id', async () => {
    const twice = [ID, ID].map((id) => ({ id, selectors: [sameUid] }));
    expect(await identify(peer, twice, digests)).toBe(ID);
    const ambiguous = [ID, OTHER].map((id) => ({ id, selectors: [sameUid] }));
    await expect(identify(peer, ambiguous, digests)).rejects.toMatchObject(unknown);
  });

  it('tells a stranger no id and no selector', async () => {
    const wrong = [{ id: ID, selectors: [{ kind: 'unix:uid', value: 31_337 } as const] }];
    const error: unknown = await identify(peer, wrong, digests).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/spiffe|31337/);
  });

  it('is none for a process that is gone, though its facts would match', async () => {
    const { peer: dead, process: child } = await site.connect();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    // The latter once the end of its connection is known as well.
    const code: unknown = expect.stringMatching(/^(WORKLOAD_CHANGED|ABORTED)$/);
    await expect(ask([sameUid], dead)).rejects.toMatchObject({ code });
  });
});

describe('unix:path', () => {
  it('matches the file at that path, safely owned', async () => {
    const path = installed('good');
    expect(await ask([{ kind: 'unix:path', value: path }], await connect(path))).toBe(ID);
  });

  it('does not match a file that others may write', async () => {
    const path = installed('loose', 0o777);
    await expect(ask([{ kind: 'unix:path', value: path }], await connect(path))).rejects.toMatchObject(
      unknown,
    );
  });

  it('does not match in a directory that others may write', async () => {
    const path = installed('open-directory');
    chmodSync(join(path, '..'), 0o777);
    await expect(ask([{ kind: 'unix:path', value: path }], await connect(path))).rejects.toMatchObject(
      unknown,
    );
  });

  it.runIf(isRoot)('does not match a file or a directory that another account owns', async () => {
    const file = installed('owned-file');
    chownSync(file, 12_345, 12_345);
    await expect(ask([{ kind: 'unix:path', value: file }], await connect(file))).rejects.toMatchObject(
      unknown,
    );
    const directory = installed('owned-directory');
    chownSync(join(directory, '..'), 12_345, 12_345);
    await expect(
      ask([{ kind: 'unix:path', value: directory }], await connect(directory)),
    ).rejects.toMatchObject(unknown);
  });

  it('does not match once the file was replaced: the process runs the old one', async () => {
    const path = installed('replaced');
    const running = await connect(path);
    copyFileSync(PYTHON, `${path}.new`);
    renameSync(`${path}.new`, path);
    await expect(ask([{ kind: 'unix:path', value: path }], running)).rejects.toMatchObject(unknown);
  });

  it('tells a caller what the kernel says it runs, and that this was removed', async () => {
    const path = installed('other');
    const wanted = [{ kind: 'unix:path', value: '/opt/agent' } as const];
    await expect(ask(wanted, await connect(path))).rejects.toMatchObject({
      ...unknown,
      hint: expect.stringContaining(`runs ${path}:`) as string,
    });
    const unlink =
      'import os, sys; os.unlink(os.readlink("/proc/self/exe")); del sys.argv[0]; exec(open(sys.argv[0]).read())';
    const { peer: stale } = await site.connect({ command: [path, '-c', unlink] });
    await expect(ask(wanted, stale)).rejects.toMatchObject({
      ...unknown,
      hint: expect.stringContaining('start it again') as string,
    });
  });

  it.runIf(canUnshare)(
    'does not match another file mounted at that path in the caller’s own namespace',
    async () => {
      const path = installed('shadowed');
      const directory = join(path, '..');
      const mount = `mount -t tmpfs tmpfs ${directory} && cp ${PYTHON} ${path} && exec ${path} "$@"`;
      const { peer: liar } = await site.connect({ command: ['unshare', '-Urm', 'sh', '-c', mount, 'sh'] });
      // The kernel names the same path, and the bytes are even the same: only the file is another.
      expect(liar.facts.exe).toBe(path);
      await expect(ask([{ kind: 'unix:path', value: path }], liar)).rejects.toMatchObject(unknown);
    },
  );
});

describe('unix:sha256', () => {
  const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

  it('matches the digest of what runs, wherever it lies, and remembers it', async () => {
    const selectors: Selector[] = [{ kind: 'unix:sha256', value: sha256(PYTHON) }];
    expect(await ask(selectors)).toBe(ID);
    expect(await ask(selectors, await connect(installed('elsewhere', 0o777)))).toBe(ID);
    expect(await digests.of(peer.executable!)).toBe(sha256(PYTHON));
  });

  it('hashes the file that runs, not the one that took its path', async () => {
    const path = installed('swapped');
    const running = await connect(path);
    copyFileSync('/bin/true', `${path}.new`);
    renameSync(`${path}.new`, path);
    expect(running.facts.exe).toBe(path);
    expect(await ask([{ kind: 'unix:sha256', value: sha256(PYTHON) }], running)).toBe(ID);
    await expect(ask([{ kind: 'unix:sha256', value: sha256('/bin/true') }], running)).rejects.toMatchObject(
      unknown,
    );
  });

  it('matches nothing when the executable cannot be read', async () => {
    const blind: Peer = { ...peer, executable: null, facts: { ...peer.facts, exe: '' } };
    await expect(ask([{ kind: 'unix:sha256', value: sha256(PYTHON) }], blind)).rejects.toMatchObject(unknown);
    await expect(ask([{ kind: 'unix:path', value: PYTHON }], blind)).rejects.toMatchObject(unknown);
    expect(await ask([sameUid], blind)).toBe(ID);
  });
});
