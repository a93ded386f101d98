import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site, type CommandResult } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';

const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WORKLOAD = 'spiffe://dev.chancery.local/agent';

let site: Site;
const config = (): string[] => ['--config', site.config];
const chancery = (...args: string[]): Promise<CommandResult> => site.chancery(...args);

async function json<Value>(...args: string[]): Promise<Value> {
  const { code, stdout, stderr } = await chancery(...args, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Value;
}

beforeAll(async () => {
  site = await Site.make();
});
afterAll(async () => {
  await site.remove();
});

describe('help and usage', () => {
  it('prints help on standard output and exits with 0', async () => {
    const { code, stdout, stderr } = await chancery('attest', 'issue', '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: chancery attest issue [options]');
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['serve'], "required option '--config <file>'"],
    [['attest', 'issue', '--ttl', '30 minutes'], 'expected a duration like 90s'],
    [['ledger', 'accept-rollback', '--root', 'abc'], 'expected the base64 of 32 bytes'],
    [['freeze', '--reason', 'x'], 'say what to freeze'],
    [['status'], 'say which daemon'],
    [['ledger', 'tail', '--ledger', '/tmp', '--type', 'nonsense'], 'expected one of genesis'],
  ])('%j exits with 2 and says USAGE on standard error', async (args, sentence) => {
    const { code, stdout, stderr } = await chancery(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: USAGE: /);
    expect(stderr).toContain(sentence);
  });

  it('exits with 3 when no daemon answers', async () => {
    expect((await chancery('status', ...config())).code).toBe(3);
    const away = await chancery(
      'explain',
      '--key',
      'trading-1',
      '--socket',
      site.signerSocket,
      '--transaction',
      site.config,
    );
    expect(away.code).toBe(2);
  });
});

describe('with no daemon', () => {
  it('acts on the ledger under its lock: attest, freeze, unfreeze', async () => {
    await site.attest();
    const frozen = await json<{ entry: { hash: string }; recent: unknown[] }>(
      'freeze',
      '--key',
      'trading-1',
      '--reason',
      'while stopped',
      ...config(),
    );
    expect(frozen.recent).toEqual([]);
    const tail = await chancery('ledger', 'tail', ...config(), '--type', 'freeze', '--json');
    expect(JSON.parse(tail.stdout)).toMatchObject({
      hash: frozen.entry.hash,
      key: 'trading-1',
      reason: 'while stopped',
    });
    const lifted = await json<{ kind: string }>('unfreeze', ...config(), '--identity', site.sovereignKey);
    expect(lifted.kind).toBe('unfreeze');
    const again = await chancery('unfreeze', frozen.entry.hash, ...config(), '--identity', site.sovereignKey);
    expect(again.stderr).toContain('nothing is frozen');
  });

  it('revokes a mistyped workload too, and says that nothing was stopped by it', async () => {
    const revoke = (id: string): Promise<CommandResult> =>
      chancery('attest', 'revoke', '--workload', id, '--reason', 'drill', ...config());
    const mistyped = await revoke(WORKLOAD.replace('agent', 'agnet'));
    expect(mistyped.code).toBe(1);
    expect(mistyped.stdout).toContain('0 of its attestations held until now\nWARNING: ');
    expect(mistyped.stdout).toContain(`did you mean ${WORKLOAD}?\n`);
    const meant = await revoke(WORKLOAD);
    expect(meant.code).toBe(0);
    expect(meant.stdout).toMatch(/^revoked .+: 1 of its attestations held until now\n$/);
  });

  it('leaves a ledger that the verifier finds sound', async () => {
    const report = await json<{ sound: boolean; counts: Record<string, number> }>(
      'ledger',
      'verify',
      ...config(),
    );
    expect(report).toMatchObject({
      sound: true,
      counts: { genesis: 1, policy: 1, statement: 1, freeze: 1, unfreeze: 1, revocation: 2 },
    });
  });

  it('explains offline what a policy would say', async () => {
    const [key] = (
      await json<{ keys: { id: string; publicKey: string }[] }>(
        'policy',
        'check',
        join(site.directory, 'policy.yaml'),
      )
    ).keys;
    const file = join(site.directory, 'transfer.b64');
    writeFileSync(file, transfer(key!.publicKey, 600_000_000n, 1));
    const explained = await chancery(
      'explain',
      '--offline',
      '--policy',
      join(site.directory, 'policy.yaml'),
      '--key',
      'trading-1',
      '--transaction',
      file,
    );
    expect(explained.code).toBe(1);
    expect(explained.stdout).toContain('SPEND_LIMIT_EXCEEDED');
    rmSync(file);
  });
});

describe('with the daemon', () => {
  beforeAll(async () => {
    await site.start();
  });

  it('signs what standard input holds, and refuses over the limit with figures', async () => {
    await site.attest();
    const { keys } = await json<{ keys: { id: string; publicKey: string }[] }>('status', ...config());
    const publicKey = keys.find(({ id }) => id === 'trading-1')!.publicKey;
    const sign = (lamports: bigint, ...more: string[]) =>
      spawnSync(
        process.execPath,
        [BINARY, 'sign', '--key', 'trading-1', '--socket', site.signerSocket, ...more],
        {
          input: `${transfer(publicKey, lamports, Number(lamports % 1000n))}\n`,
          encoding: 'utf8',
        },
      );
    const unsigned = Buffer.from(transfer(publicKey, 1_000_001n, 1), 'base64');
    const signed = Buffer.from(sign(1_000_001n).stdout.trim(), 'base64');
    expect(signed).toHaveLength(unsigned.length);
    expect(signed.subarray(65).equals(unsigned.subarray(65))).toBe(true);
    expect(signed.subarray(1, 65).equals(unsigned.subarray(1, 65))).toBe(false);

    const refused = sign(600_000_002n);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/^error: SPEND_LIMIT_EXCEEDED: /);
    expect(refused.stderr).toContain('limit 500000000');
    expect(refused.stderr).toMatch(/requested 600[0-9]{6}/);
    expect(refused.stderr).toMatch(/^hint: `chancery explain` /m);
  });

  it('freeze prints what was signed and may still land, also by a process that ended meanwhile', async () => {
    const frozen = () =>
      json<{ recent: { key: string; signature: string }[] }>(
        'freeze',
        '--all',
        '--reason',
        'drill',
        ...config(),
      );
    const { recent } = await frozen();
    expect(recent.map(({ key }) => key)).toEqual(['trading-1']);
    await json('unfreeze', ...config(), '--identity', site.sovereignKey);
    await site.stop('SIGKILL');
    await site.start();
    expect((await frozen()).recent).toMatchObject(recent.map(({ signature }) => ({ signature })));
    await json('unfreeze', ...config(), '--identity', site.sovereignKey);
  });

  it('request, ssh-keygen, sign, inspect, submit, list, revoke', async () => {
    const request = join(site.directory, 'monday.json');
    const asked = await chancery(
      'attest',
      'request',
      request,
      ...config(),
      '--workload',
      WORKLOAD,
      '--key',
      'trading-1',
      '--ttl',
      '10m',
      '--challenge',
      '--uses',
      '2',
    );
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain('ssh-keygen -Y sign -n attestation@chancery');
    // Somebody may be signing the first one.
    expect(
      (
        await chancery(
          'attest',
          'request',
          request,
          ...config(),
          '--workload',
          WORKLOAD,
          '--key',
          'trading-1',
        )
      ).stderr,
    ).toContain('there already');

    const bare = await json<{ quorum: boolean; missing: string[] }>(
      'attest',
      'inspect',
      request,
      ...config(),
    );
    expect(bare).toMatchObject({ quorum: false, missing: ['developer'] });
    const unsigned = await chancery('attest', 'submit', request, ...config());
    expect(unsigned.stderr).toContain('QUORUM_NOT_MET');

    const { status } = spawnSync('ssh-keygen', [
      '-q',
      '-Y',
      'sign',
      '-n',
      'attestation@chancery',
      '-f',
      site.sovereignKey,
      request,
    ]);
    expect(status).toBe(0);
    const add = ['attest', 'sign', request, ...config(), '--signature', `${request}.sig`];
    await json(...add);
    const statement = join(site.directory, 'monday.statement.json');
    // No room for a byte: the only copy of what has been signed so far stays as it is.
    const held = readFileSync(statement, 'utf8');
    const noRoom = ['-c', 'ulimit -f 0 && exec "$@"', 'bash', process.execPath, BINARY, ...add];
    const full = spawnSync('bash', noRoom, { encoding: 'utf8' });
    expect(full.status).toBe(1);
    expect(full.stderr).toContain(`error: FILE_UNREADABLE: cannot write ${statement}.draft (EFBIG)`);
    expect(readFileSync(statement, 'utf8')).toBe(held);
    expect(existsSync(`${statement}.draft`)).toBe(false);
    const { id } = await json<{ id: string }>('attest', 'submit', statement, ...config());
    expect((await chancery('attest', 'submit', statement, ...config())).stderr).toContain(
      'STATEMENT_INVALID',
    );
    const listed = await json<{ id: string }[]>('attest', 'list', ...config());
    expect(listed.map((one) => one.id)).toContain(id);
    await json('attest', 'revoke', id, '--reason', 'done', ...config());
    expect((await json<{ id: string }[]>('attest', 'list', ...config())).map((one) => one.id)).not.toContain(
      id,
    );
    const revoke = ['attest', 'revoke', '--reason', 'drill', ...config(), '--json', '--workload'];
    const mistyped = await chancery(...revoke, `${WORKLOAD}x`);
    expect(mistyped.code).toBe(1);
    expect(JSON.parse(mistyped.stdout)).toMatchObject({ ended: 0, unknown: { nearest: WORKLOAD } });
    const meant = JSON.parse((await chancery(...revoke, WORKLOAD)).stdout) as { readonly ended: number };
    expect(meant).not.toHaveProperty('unknown');
    expect(meant.ended).toBeGreaterThan(0);
    expect(await json('attest', 'list', ...config())).toEqual([]);
  });

  it('a new policy: diff, sign, submit, in force through a restart', async () => {
    const path = join(site.directory, 'policy.yaml');
    const next = readFileSync(join(site.directory, 'policy.yaml'), 'utf8')
      .replace(/^serial: 1$/m, 'serial: 2')
      .replace('"0.5 SOL"', '"0.7 SOL"');
    const stale = await chancery('policy', 'sign', ...config(), '--identity', site.sovereignKey);
    expect(stale.stderr).toContain('serial: 1 is not above 1');
    writeFileSync(path, next);
    const { changes } = await json<{ changes: string[] }>('policy', 'diff', path, ...config());
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(/^widens: .*0\.5 SOL to 0\.7 SOL/);
    await json('policy', 'sign', ...config(), '--identity', site.sovereignKey);
    await json('policy', 'submit', ...config());
    expect((await chancery('policy', 'show', ...config())).stdout).toBe(next);
    await site.stop();
    await site.start();
    expect(await json('status', ...config())).toMatchObject({ ready: true, policy: { serial: 2 } });
  });

  it('doctor finds a sound set-up, keys lists what the token holds', async () => {
    const lines = await json<{ subject: string; verdict: string }[]>('doctor', ...config());
    expect(lines.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    const keys = await json<{ label: string; failed: unknown[] }[]>('keys', 'list', ...config());
    expect(keys.map(({ label, failed }) => [label, failed.length]).sort()).toEqual([
      ['ledger', 0],
      ['trading-1', 0],
    ]);
  });
});

describe('I8: serve starts only what the Sovereign signed', () => {
  let policy: string;

  beforeAll(async () => {
    await site.stop();
    policy = readFileSync(join(site.directory, 'policy.yaml'), 'utf8');
  });

  async function refusal(): Promise<string> {
    const { code, stdout, stderr } = await chancery('serve', ...config());
    expect(code).toBe(1);
    expect(stdout).toBe('');
    return /^error: ([A-Z_]+): /m.exec(stderr)?.[1] ?? stderr;
  }

  const at = (name: string): string => join(site.directory, name);

  it('not an edited policy, though the signature file is there', async () => {
    writeFileSync(at('policy.yaml'), policy.replace('"0.7 SOL"', '"70 SOL"'));
    expect(await refusal()).toBe('POLICY_NOT_IN_FORCE');
    writeFileSync(at('policy.yaml'), policy);
  });

  it('not an unsigned policy', async () => {
    renameSync(at('policy.yaml.sig'), at('kept.sig'));
    expect(await refusal()).toBe('POLICY_NOT_IN_FORCE');
    renameSync(at('kept.sig'), at('policy.yaml.sig'));
  });

  it('not the policy in force without its statement: doctor says so too, and the ledger gives it back', async () => {
    renameSync(at('policy.yaml.sig'), at('kept.sig'));
    const back = /hint: put it back from the ledger: .*ledger export --type policy/;
    expect((await chancery('serve', ...config())).stderr).toMatch(back);
    expect((await chancery('doctor', ...config())).stdout).toMatch(
      /^FAIL +policy: .*policy\.yaml\.sig is not/m,
    );
    const { stdout } = await chancery('ledger', 'export', '--type', 'policy', ...config());
    const { statement } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { statement: unknown };
    writeFileSync(at('policy.yaml.sig'), JSON.stringify(statement));
    await site.start();
    await site.stop();
    renameSync(at('kept.sig'), at('policy.yaml.sig'));
  });

  it('and keys list says whose files the module needs, when it cannot open its own', async () => {
    renameSync(at('tokens'), at('tokens.away'));
    const { code, stderr } = await chancery('keys', 'list', ...config());
    renameSync(at('tokens.away'), at('tokens'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: HSM_UNAVAILABLE: cannot initialise .*CKR_GENERAL_ERROR.*\nhint: run it as the daemon's user/,
    );
  });

  it('not a signed policy that is not in force yet', async () => {
    copyFileSync(at('policy.yaml.sig'), at('kept.sig'));
    writeFileSync(at('policy.yaml'), policy.replace(/^serial: 2$/m, 'serial: 3'));
    await json('policy', 'sign', ...config(), '--identity', site.sovereignKey);
    expect(await refusal()).toBe('POLICY_NOT_IN_FORCE');
    writeFileSync(at('policy.yaml'), policy);
    renameSync(at('kept.sig'), at('policy.yaml.sig'));
  });

  it('not an older policy of this signer, replayed', async () => {
    const other = await Site.make();
    try {
      copyFileSync(at('policy.yaml.sig'), at('kept.sig'));
      copyFileSync(join(other.directory, 'policy.yaml'), at('policy.yaml'));
      copyFileSync(join(other.directory, 'policy.yaml.sig'), at('policy.yaml.sig'));
      // Not the policy of another signer either.
      expect(await refusal()).toBe('POLICY_NOT_IN_FORCE');
      writeFileSync(
        at('policy.yaml'),
        policy.replace(/^serial: 2$/m, 'serial: 1').replace('"0.7 SOL"', '"0.5 SOL"'),
      );
      expect(await refusal()).toBe('POLICY_NOT_IN_FORCE');
    } finally {
      await other.remove();
      writeFileSync(at('policy.yaml'), policy);
      renameSync(at('kept.sig'), at('policy.yaml.sig'));
    }
  });

  it('not a directory without genesis', async () => {
    renameSync(at('ledger'), at('kept'));
    expect(await refusal()).toBe('LEDGER_MISSING');
    mkdirSync(at('ledger'));
    expect(await refusal()).toBe('LEDGER_MISSING');
    rmSync(at('ledger'), { recursive: true });
    renameSync(at('kept'), at('ledger'));
  });

  it('and starts again with what is in force', async () => {
    expect(readFileSync(at('policy.yaml'), 'utf8')).toBe(policy);
    await site.start();
    expect(await site.stop()).toBe(0);
  });
});
