import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseForeign } from '../../../src/identity/foreign.js';
import { canChoosePid, isRoot, peerSite, PYTHON, type PeerSite } from '../../support/peers.js';
import { until } from '../../support/transport.js';

let site: PeerSite;
beforeAll(async () => {
  site = await peerSite();
});
afterAll(() => site.close());

const gone = { code: 'WORKLOAD_CHANGED' };

describe.each(['kernel', 'number'] as const)('a peer held by pidfd from the %s', (source) => {
  it('has the facts the kernel froze at connect', async () => {
    const { peer, pid } = await site.connect({ source });
    expect(peer.facts).toMatchObject({
      pid,
      uid: process.geteuid?.(),
      gid: process.getegid?.(),
      exe: PYTHON,
    });
    expect(peer.check()).toBeNull();
  });

  it('is lost once its process has exited, and ABORTED when its connection has ended with it', async () => {
    const { peer, process: child } = await site.connect({ source });
    const { pid } = peer.facts;
    child.kill('SIGKILL');
    // A process that exits gives up its executable a moment before it is dead.
    await until(() => peer.check() !== null && peer.alive() !== null);
    await until(() => peer.alive()?.code === 'ABORTED');
    expect(peer.check()).toMatchObject({ code: 'ABORTED' });
    expect(peer.facts.pid).toBe(pid);
  });

  it('is WORKLOAD_CHANGED when the process became another program under the same pid', async () => {
    const { peer, say, process: child } = await site.connect({ source });
    say('exec /bin/sleep');
    await until(() => peer.check() !== null);
    expect(peer.check()).toMatchObject(gone);
    expect(peer.alive()).toBeNull();
    expect(child.exitCode).toBeNull();
  });

  it('is WORKLOAD_CHANGED when a child inherited the connection and the process that connected died', async () => {
    const { peer, say, line } = await site.connect({ source });
    say('orphan');
    const orphan = Number((await line()).split(' ')[1]);
    await until(() => peer.check() !== null);
    expect(peer.check()).toMatchObject(gone);
    process.kill(orphan, 'SIGKILL');
  });

  it('is not admitted when it died before it was accepted, though a child keeps the connection', async () => {
    const uid = process.geteuid?.() ?? -1;
    expect(await site.vanished({ source, uid, reused: false })).toMatchObject(gone);
  });

  it.runIf(canChoosePid)('is not taken for the process of another uid that has its pid by then', async () => {
    expect(await site.vanished({ source, uid: 12_345, reused: true })).toMatchObject(gone);
  });

  it('is ABORTED after it was closed: who hangs up is no other process', async () => {
    const { peer } = await site.connect({ source });
    peer.close();
    peer.close();
    expect(peer.check()).toMatchObject({ code: 'ABORTED' });
    expect(peer.alive()).toMatchObject({ code: 'ABORTED' });
  });

  it.runIf(isRoot)('has the uid and gid of another account, and no groups of ours', async () => {
    const { peer } = await site.connect({ source, uid: 12_345, gid: 23_456 });
    expect(peer.facts).toMatchObject({ uid: 12_345, gid: 23_456 });
    expect(peer.facts.supplementaryGids).toEqual([]);
    expect(peer.uid).toBe(12_345);
    expect(peer.check()).toBeNull();
  });
});

it.runIf(canChoosePid)(
  'a pid that another process of the same uid has by then is told by the kernel',
  async () => {
    const uid = process.geteuid?.() ?? -1;
    expect(await site.vanished({ source: 'kernel', uid, reused: true })).toMatchObject(gone);
  },
);

it.runIf(isRoot)('has the supplementary groups of its process', async () => {
  const { peer } = await site.connect({ command: ['setpriv', '--groups', '777,4321', PYTHON] });
  expect(peer.facts.supplementaryGids).toEqual([777, 4321]);
});

describe('a peer that cannot be told from others', () => {
  const known = { pid: 7, uid: 1000, gid: 1000, supplementaryGids: [] };

  it.each([
    ['outside our pid namespace', { ...known, pid: 0 }],
    ['outside our user namespace', { ...known, uid: 65_534 }],
  ])('is WORKLOAD_UNKNOWN: %s', (_case, credentials) => {
    expect(() => {
      refuseForeign(credentials);
    }).toThrow(expect.objectContaining({ code: 'WORKLOAD_UNKNOWN' }));
  });

  it('does not refuse ordinary ids', () => {
    expect(() => {
      refuseForeign(known);
    }).not.toThrow();
  });
});
