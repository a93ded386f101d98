import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../bench/process-usage.js';
import {
  canBecomeOthers,
  OtherUsers,
  readableByAll,
  type Answer,
  type User,
} from '../support/site/other-user.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { Site, type Identity } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';

/** The group of signer.sock; no account has it, nor these uids. */
const AGENTS = 64_000;
const TRADER: User = { uid: 65_533, gid: AGENTS };
const SWEEPER: User = { uid: 65_531, gid: AGENTS };
const STRANGER: User = { uid: 65_530, gid: AGENTS };
const OUTSIDER: User = { uid: 65_533, gid: 65_533 };
const DAEMON: Identity = { uid: 65_532, gid: 65_532, groups: [AGENTS] };
const [TRADING, SWEEPING] = ['spiffe://dev.chancery.local/trader', 'spiffe://dev.chancery.local/sweeper'];
const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let id = 0;
function request(method: string, params: Record<string, unknown> = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
}

/** Two workloads of two users, each with a key of its own. */
async function makeSite(): Promise<{ site: Site; keys: Readonly<Record<string, string>> }> {
  const site = await Site.make();
  const sweeping = await site.addKey('sweeping-1');
  let trading = '';
  await site.changePolicy((text) => {
    trading = /id: trading-1[\s\S]*?publicKey: (\w+)/.exec(text)?.[1] ?? '';
    return text
      .replace(
        'workloads:\n',
        `workloads:\n  - id: ${TRADING}\n    selectors: ["unix:uid:${String(TRADER.uid)}"]\n` +
          `  - id: ${SWEEPING}\n    selectors: ["unix:uid:${String(SWEEPER.uid)}", "unix:gid:${String(AGENTS)}"]\n`,
      )
      .replace(/(id: trading-1[\s\S]*?workloads: )\[.*\]/, `$1["${TRADING}"]`)
      .replace(/(id: sweeping-1[\s\S]*?workloads: )\[.*\]/, `$1["${SWEEPING}"]`);
  });
  const yaml = await readFile(site.config, 'utf8');
  const socket = `run/signer.sock, mode: "0660", group: "${String(AGENTS)}" }`;
  const limits = 'limits: { maxConnectionsPerUid: 4, maxInFlightPerUid: 8 }';
  await writeFile(site.config, `${yaml.replace('run/signer.sock, mode: "0660" }', socket)}${limits}\n`);
  return { site, keys: { 'trading-1': trading, 'sweeping-1': sweeping } };
}

async function attestBoth(site: Site): Promise<void> {
  await site.attest({ key: 'trading-1', workload: TRADING });
  await site.attest({ key: 'sweeping-1', workload: SWEEPING });
}

const codeOf = (answer: Answer | undefined): string | undefined => answer?.error?.data.code ?? answer?.failed;

describe.skipIf(!canBecomeOthers())('agents of other users than the daemon (needs root)', () => {
  let site: Site;
  let keys: Readonly<Record<string, string>>;
  const users = new OtherUsers();
  let nonce = 0;

  beforeAll(async () => {
    ({ site, keys } = await makeSite());
    await site.giveTo({ uid: 0, gid: 0, groups: [] });
    await site.start();
    await attestBoth(site);
  });

  afterAll(async () => {
    await site.remove();
    users.remove();
  });

  const sign = (key: string, lamports = 1000n): string =>
    request('signTransaction', { key, transaction: transfer(keys[key] ?? '', lamports, ++nonce) });
  const ask = (user: User, ...texts: string[]): Promise<Answer[]> =>
    users.call(user, site.signerSocket, ...texts);

  it('a registered uid of the group gets its signature; the ledger has who it was', async () => {
    const [listed, signed] = await ask(TRADER, request('listKeys'), sign('trading-1'));
    expect(listed?.result).toMatchObject([{ id: 'trading-1', publicKey: keys['trading-1'] }]);
    expect(signed?.result).toMatchObject({ signature: expect.stringMatching(/^\w{64,88}$/) as string });
    const [last] = ofType(await ledgerLines(site.ledger), 'authorization').slice(-1);
    expect(last).toMatchObject({
      workload: TRADING,
      key: 'trading-1',
      peer: { uid: TRADER.uid, gid: AGENTS },
    });
    expect(last?.peer.exe).toBe(process.execPath);
  });

  it('the key of the other workload is UNKNOWN_KEY, as one that does not exist', async () => {
    const [theirs, none] = await ask(
      TRADER,
      sign('sweeping-1'),
      request('signTransaction', {
        key: 'nothing-1',
        transaction: transfer(keys['trading-1'] ?? '', 1n, 9999),
      }),
    );
    expect(codeOf(theirs)).toBe('UNKNOWN_KEY');
    const shown = ({ error }: Answer) => ({ ...error, data: { ...error?.data, request: '' } });
    expect(JSON.stringify(shown(theirs ?? {})).replaceAll('sweeping-1', 'nothing-1')).toBe(
      JSON.stringify(shown(none ?? {})),
    );
  });

  it('a uid that is not registered is WORKLOAD_UNKNOWN for every method, and learns no name', async () => {
    const answers = await ask(
      STRANGER,
      ...[
        request('listKeys'),
        sign('trading-1'),
        request('getChallenge'),
        request('getProof', { sequence: '1' }),
      ],
      request('explainTransaction', {
        key: 'trading-1',
        transaction: transfer(keys['trading-1'] ?? '', 1n, 1),
      }),
    );
    expect(answers.map(codeOf)).toEqual(Array(5).fill('WORKLOAD_UNKNOWN'));
    for (const { error } of answers) {
      expect(error?.data.hint).toContain(`register uid ${String(STRANGER.uid)}`);
      const text = JSON.stringify(error);
      for (const secret of ['spiffe:', 'sweeping', 'trading', ...Object.values(keys)]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('the group decides who may connect at all', async () => {
    expect((await ask(OUTSIDER, request('listKeys'))).map(codeOf)).toEqual(['EACCES']);
  });

  it('a uid that uses up its connections stops nobody else', async () => {
    const held = await users.hold(TRADER, site.signerSocket, 10);
    expect(held.kept).toBe(4);
    const [refused] = await ask(TRADER, request('listKeys'));
    expect(codeOf(refused)).toBe('OVERLOADED');
    const [signed] = await ask(SWEEPER, sign('sweeping-1'));
    expect(signed?.error).toBeUndefined();
    await held.release();
  });

  it('a uid that uses up its requests in flight stops nobody else', async () => {
    const many = `[${Array.from({ length: 20 }, () => sign('trading-1', 1n)).join(',')}]`;
    const [flood, others] = await Promise.all([
      ask(TRADER, ...Array<string>(10).fill(many)),
      ask(SWEEPER, ...Array.from({ length: 10 }, () => sign('sweeping-1', 1n))),
    ]);
    for (const answers of flood as unknown as Answer[][]) {
      const codes = answers.map((each) => codeOf(each) ?? 'signed');
      expect(codes.slice(0, 8)).toEqual(Array(8).fill('signed'));
      expect(codes.slice(8)).toEqual(Array(12).fill('OVERLOADED'));
    }
    expect(others.map((each) => codeOf(each) ?? 'signed')).toEqual(Array(10).fill('signed'));
  });

  it('unix:path holds across users for a daemon that is root', async () => {
    const path = `"unix:uid:${String(TRADER.uid)}", "unix:path:${process.execPath}"`;
    await site.changePolicy((text) => text.replace(`"unix:uid:${String(TRADER.uid)}"`, path));
    const [signed] = await ask(TRADER, sign('trading-1'));
    expect(codeOf(signed)).toBeUndefined();
    await site.changePolicy((text) => text.replace(`unix:path:${process.execPath}`, 'unix:path:/bin/not-it'));
    const [other] = await ask(TRADER, sign('trading-1'));
    expect(codeOf(other)).toBe('WORKLOAD_UNKNOWN');
    expect(other?.error?.message).toBe('no registered workload matches the calling process');
  });

  /** What a unit with `User=chancery` is. */
  describe.skipIf(!readableByAll(BINARY))('and a daemon that is not root', () => {
    beforeAll(async () => {
      await site.changePolicy((text) => text.replace(', "unix:path:/bin/not-it"', ''));
      await site.stop();
      await site.giveTo(DAEMON);
      await site.start(undefined, {}, DAEMON);
    }, 60_000);

    const signed = async (): Promise<Answer> => {
      const ask = { key: 'trading-1', transaction: transfer(keys['trading-1'] ?? '', 1000n, ++nonce) };
      const [answer] = await users.call(TRADER, site.signerSocket, request('signTransaction', ask));
      return answer ?? {};
    };
    const doctorLine = async (subject: string): Promise<Record<string, string> | undefined> => {
      const { stdout } = await site.chancery('doctor', '--config', site.config, '--json');
      return (JSON.parse(stdout) as Record<string, string>[]).find((line) => line['subject'] === subject);
    };

    it('knows agents by uid, and gives the socket to their group', async () => {
      expect((await signed()).error).toBeUndefined();
      const [last] = ofType(await ledgerLines(site.ledger), 'authorization').slice(-1);
      // Another user's executable is not readable without a capability: the record says so, by an empty path.
      expect(last).toMatchObject({ workload: TRADING, peer: { uid: TRADER.uid, gid: AGENTS, exe: '' } });
      expect(await doctorLine('executables of agents')).toBeUndefined();
      // No account has the uid, so /etc/group cannot say that it may: an operator is asked to look.
      expect(await doctorLine('agents of other users')).toMatchObject({ verdict: 'warn' });
    });

    it('with unix:path it says that it cannot look, and doctor says what to do', async () => {
      const uid = `"unix:uid:${String(TRADER.uid)}"`;
      await site.changePolicy((text) => text.replace(uid, `${uid}, "unix:path:${process.execPath}"`));
      const { error } = await signed();
      expect(error).toMatchObject({
        message:
          'no registered workload matches the calling process, whose executable the daemon may not read',
        data: { code: 'WORKLOAD_UNKNOWN', hint: expect.stringContaining('"chancery doctor"') as string },
      });
      expect(await doctorLine('executables of agents')).toMatchObject({
        verdict: 'fail',
        finding: `the daemon (pid ${String(site.daemonPid)}) may not read those of other users: unix:path and unix:sha256 never match for ${TRADING}`,
        fix: expect.stringContaining('CAP_SYS_PTRACE') as string,
      });
    });

    it('with CAP_SYS_PTRACE unix:path holds, and the HSM host does not get the capability', async () => {
      await site.stop();
      await site.start(undefined, {}, { ...DAEMON, capability: 'sys_ptrace' });
      expect((await signed()).error).toBeUndefined();
      const [last] = ofType(await ledgerLines(site.ledger), 'authorization').slice(-1);
      expect(last?.peer.exe).toBe(process.execPath);
      expect(await doctorLine('executables of agents')).toMatchObject({ verdict: 'ok' });
      const capabilities = async (pid: number): Promise<string | undefined> =>
        /^CapEff:\t(\w+)$/m.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
      const hosts = childrenOf(site.daemonPid);
      expect(hosts).toHaveLength(1);
      for (const pid of hosts) {
        expect(await capabilities(pid)).toBe('0000000000000000');
        // One byte: a limit of zero does not stop dumps that are piped to a collector.
        expect(await readFile(`/proc/${String(pid)}/limits`, 'utf8')).toMatch(/Max core file size +1 +1 /);
      }
      expect(await capabilities(site.daemonPid)).toBe('0000000000080000');
    });

    it('doctor says to its user that it may not make its sockets, and as another user logs in to no token', () => {
      const run = join(site.directory, 'run');
      const finding = `the daemon cannot put its socket into ${run} (EACCES)`;
      const { uid } = DAEMON;
      const lines = (as: number): Record<string, string>[] => {
        const { stdout } = spawnSync(
          process.execPath,
          [BINARY, 'doctor', '--config', site.config, '--json'],
          {
            uid: as,
            gid: as,
            encoding: 'utf8',
          },
        );
        return JSON.parse(stdout) as Record<string, string>[];
      };
      chmodSync(run, 0o555);
      const told = lines(uid).filter(({ subject }) => subject?.endsWith('socket'));
      expect(told).toMatchObject(
        ['signer socket', 'admin socket'].map((subject) => ({
          subject,
          verdict: 'fail',
          finding,
          fix: `chmod u+wx ${run}`,
        })),
      );
      chmodSync(run, 0o755);
      expect(lines(uid).find(({ subject }) => subject === 'admin socket')).toMatchObject({ verdict: 'ok' });
      expect(lines(uid).filter(({ subject }) => subject === 'token main').length).toBeGreaterThan(1);
      expect(lines(0).filter(({ subject }) => subject === 'token main')).toMatchObject([
        { verdict: 'warn', fix: 'run doctor as the user of the daemon' },
      ]);
    });

    it('an installation whose group does not exist does not start, and says which', async () => {
      await site.stop();
      const yaml = await readFile(site.config, 'utf8');
      await writeFile(site.config, yaml.replace(`group: "${String(AGENTS)}"`, 'group: no-such-agents'));
      await expect(site.start(undefined, {}, DAEMON)).rejects.toThrow(
        /CONFIG_INVALID: the socket .* is for the group no-such-agents, which does not exist/,
      );
      await writeFile(site.config, yaml.replace(`group: "${String(AGENTS)}"`, 'group: "64001"'));
      await expect(site.start(undefined, {}, DAEMON)).rejects.toThrow(
        /PERMISSION_UNSAFE: the daemon may not give .* to group 64001/,
      );
    });
  });
});
