import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { command } from '../../support/site/command.js';

/** In segments of 10 entries; the first of them was moved to `old`, and another archive is not mounted. */
const LEDGER = soundLedger(7);
const { lines } = LEDGER;
const MISSING = 'not-mounted';

let root: string;
let config: string;
const at = (name: string): string => join(root, name);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chancery-archives-'));
  config = at('chancery.yaml');
  LEDGER.write(at('ledger'), 10);
  writeFileSync(at('ledger/checkpoint'), checkpointOf(lines));
  mkdirSync(at('old'));
  renameSync(at('ledger/000000000000.ledger'), at('old/000000000000.ledger'));
  const text = [
    'version: 1',
    'name: dev',
    'sockets: { signer: { path: signer.sock }, admin: { path: admin.sock } }',
    `ledger: { directory: ledger, archives: [${MISSING}, old] }`,
    'policy: policy.yaml',
    'tokens: { main: { module: /usr/lib/none.so, pin: { file: pin } } }',
  ];
  writeFileSync(config, `${text.join('\n')}\n`);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const COMMANDS = {
  // Its threads run from dist/ only.
  verify: ['verify', '--only-hashes'],
  'tail -n 100': ['tail', '-n', '100'],
  show: ['show', '2'],
  prove: ['prove', '--sequence', '2'],
  replay: ['replay'],
  export: ['export'],
  spend: ['spend'],
} as const;

describe('archives of chancery.yaml', () => {
  it.each(Object.entries(COMMANDS))('%s reads them, and says which is not there', async (_, words) => {
    const given = await command('ledger', ...words, '--config', config);
    expect(given).toMatchObject({
      code: 0,
      stderr: `note: the archive ${at(MISSING)} of chancery.yaml is not there\n`,
    });
    expect(given.stdout).not.toBe('');
  });

  it('backup copies them too', async () => {
    const { code, stdout } = await command('ledger', 'backup', at('copy'), '--config', config);
    expect({ code, first: stdout.split('\n')[0] }).toMatchObject({
      code: 0,
      first: expect.stringMatching(`^${String(lines.length)} entries in 3 segments`) as string,
    });
    expect(await command('ledger', 'verify', '--ledger', at('copy'), '--only-hashes')).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('are those of its own ledger, not of another that --ledger names', async () => {
    const { code, stderr } = await command(
      ...['ledger', 'replay', '--config', config, '--ledger', at('ledger')],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: LEDGER_DAMAGED: .*the segments before this one are absent\nhint: .*--archive/,
    );
  });
});

describe('an archive of chancery.yaml that is gone', () => {
  beforeAll(() => {
    renameSync(at('old'), at('elsewhere'));
  });

  it('verify lists what is absent', async () => {
    const { code, stdout, stderr } = await command('ledger', 'verify', '--config', config);
    expect(code).toBe(17);
    expect(stdout).toContain('absent       entries 0 to 9: no segment before 000000000010.ledger');
    expect(stderr).toContain(`note: the archive ${at('old')} of chancery.yaml is not there\n`);
  });

  it.each(['replay', 'export', 'spend', 'prove --sequence 12'])(
    '%s refuses to leave it out',
    async (words) => {
      const { code, stdout, stderr } = await command('ledger', ...words.split(' '), '--config', config);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`note: the archive ${at('old')} of chancery.yaml is not there\n`);
      expect(stderr).toMatch(/^error: LEDGER_DAMAGED: .*the segments before this one are absent$/m);
    },
  );

  it('backup refuses before it makes anything', async () => {
    const { code, stderr } = await command('ledger', 'backup', at('copy-2'), '--config', config);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: LEDGER_DAMAGED: /m);
    await expect(command('ledger', 'verify', '--ledger', at('copy-2'))).resolves.toMatchObject({ code: 1 });
  });

  it('tail and show give what is there, a refusal without what its transaction does', async () => {
    const tail = await command('ledger', 'tail', '-n', '100', '--config', config);
    expect(tail.code).toBe(0);
    expect(tail.stdout.trimEnd().split('\n')).toHaveLength(lines.length - 10);
    const denial = lines.findIndex((line) => line.includes('"type":"denial"'));
    expect(denial).toBeGreaterThanOrEqual(10);
    expect((await command('ledger', 'show', String(denial), '--config', config)).code).toBe(0);
    expect((await command('ledger', 'show', '2', '--config', config)).stderr).toMatch(/^error: [A-Z_]+: /m);
  });

  it('is found where --archive says', async () => {
    const { code } = await command('ledger', 'replay', '--config', config, '--archive', at('elsewhere'));
    expect(code).toBe(0);
  });
});
