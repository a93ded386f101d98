import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, parseConfig, type Config } from '../../../src/config/chancery-yaml.js';
import { configSchema } from '../../../src/config/schema.js';
import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';
import { thrown } from '../../support/thrown.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const MINIMAL = `
version: 1
name: demo
sockets: { signer: { path: run/signer.sock }, admin: { path: run/admin.sock } }
ledger: { directory: ledger }
policy: policy.yaml
tokens:
  main: { module: /usr/lib/softhsm/libsofthsm2.so, pin: { file: secrets/pin } }
`;

function parse(text: string): Config {
  return parseConfig(Buffer.from(text), '/srv/demo/chancery.yaml');
}

function fault(text: string): string {
  const error = thrown(() => parse(text));
  expect(error.code).toBe('CONFIG_INVALID');
  return error.message;
}

function edited(from: string, to: string): string {
  expect(MINIMAL).toContain(from);
  return MINIMAL.replace(from, to);
}

describe('chancery.yaml', () => {
  it('has every key it may have in docs/operations.md, with the value that holds without it', () => {
    const guide = readFileSync('docs/operations.md', 'utf8');
    const [, shown = ''] = /### chancery\.yaml\n[^]*?```yaml\n([^]*?)```/.exec(guide) ?? [];
    const documented = parse(shown);
    const { ledger, limits, log, sockets, tokens } = documented;
    const absent = parse(MINIMAL);
    expect(ledger).toMatchObject({ checkpointInterval: 10_000, dailyBytesPerUid: 4 * 1024 ** 3 });
    expect(absent.ledger).toMatchObject({ checkpointInterval: 10_000, dailyBytesPerUid: 4 * 1024 ** 3 });
    expect(limits).toEqual(
      Object.fromEntries(Object.entries(DEFAULT_LIMITS).filter(([name]) => name in limits)),
    );
    expect(log).toEqual(absent.log);
    expect([sockets.signer.mode, sockets.admin.mode]).toEqual([0o660, 0o660]);
    expect(tokens.get('main')?.sessions).toBe(absent.tokens.get('main')?.sessions);
    const keys = (schema: z.ZodType): string[] =>
      Object.keys(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {});
    for (const key of keys(configSchema)) expect(shown).toMatch(new RegExp(`^${key}:`, 'm'));
    for (const power of ['read', 'narrow', 'submit', 'ceremony']) expect(shown).toContain(power);
    for (const key of [...keys(configSchema.shape.ledger), ...keys(configSchema.shape.limits.unwrap())]) {
      expect(shown).toContain(`  ${key}: `);
    }
  });

  it('takes relative paths from the directory of the file, wherever the daemon was started', () => {
    const config = parse(MINIMAL);
    expect(config.directory).toBe('/srv/demo');
    expect(config.sockets.signer).toEqual({ path: '/srv/demo/run/signer.sock', mode: 0o660, group: null });
    expect(config.sockets.admin).toEqual({ path: '/srv/demo/run/admin.sock', mode: 0o660, group: null });
    expect(config.ledger.directory).toBe('/srv/demo/ledger');
    expect(config.policy).toBe('/srv/demo/policy.yaml');
    expect(config.tokens.get('main')).toEqual({
      name: 'main',
      module: '/usr/lib/softhsm/libsofthsm2.so',
      pin: { file: '/srv/demo/secrets/pin' },
      environment: {},
      sessions: 4,
    });
    expect(config.operators).toBeNull();
    expect(config.limits).toEqual({});
    expect(config.log.level).toBe('info');
    expect(config.ledger.checkpointInterval).toBe(10_000);
    expect(config.ledger.dailyBytesPerUid).toBe(4_294_967_296);
  });

  it('knows where old segments were moved', () => {
    expect(parse(MINIMAL).ledger.archives).toEqual([]);
    const moved = edited('directory: ledger', 'directory: ledger, archives: [old, /mnt/older]');
    expect(parse(moved).ledger.archives).toEqual(['/srv/demo/old', '/mnt/older']);
    expect(fault(edited('directory: ledger', 'directory: ledger, archives: old'))).toMatch(/expected a list/);
  });

  it('bounds what one uid may fill of the ledger in a day', () => {
    const share = (text: string): string =>
      edited('directory: ledger', `directory: ledger, dailyBytesPerUid: ${text}`);
    expect(parse(share('1000000')).ledger.dailyBytesPerUid).toBe(1_000_000);
    for (const text of ['0', '65535', '10000000000', '1GB']) {
      expect(fault(share(text))).toMatch(
        /dailyBytesPerUid: expected a whole number from 65536 to 9999999999/,
      );
    }
  });

  it('bounds how often the ledger is signed', () => {
    const every = (text: string): string =>
      edited('directory: ledger', `directory: ledger, checkpointInterval: ${text}`);
    expect(parse(every('30s')).ledger.checkpointInterval).toBe(30_000);
    for (const text of ['0s', '11m', '500', 'never']) {
      expect(fault(every(text))).toMatch(/checkpointInterval: expected a duration from 1s to 10m/);
    }
  });

  it('reads every field', () => {
    const config = parse(`
version: 1
name: desk-1
sockets:
  signer: { path: /run/chancery/signer.sock, mode: "0666" }
  admin: { path: /run/chancery/admin.sock, mode: "0600", group: chancery-operators }
operators:
  - { uid: 1001, may: [read, narrow] }
  - { uid: 0, may: [read, narrow, submit, ceremony] }
ledger: { directory: /var/lib/chancery/ledger }
policy: /etc/chancery/policy.yaml
tokens:
  main:
    module: vendor/module.so
    pin: { credential: pin }
    environment: { SOFTHSM2_CONF: softhsm2.conf, YUBIHSM_PKCS11_CONF: /etc/yubihsm.conf, MODE: fast/slow }
    sessions: 8
limits: { maxRequestBytes: 65536, maxConnectionsPerUid: 4 }
log: { level: debug }
`);
    expect(config.sockets.signer.mode).toBe(0o666);
    expect(config.sockets.admin).toEqual({
      path: '/run/chancery/admin.sock',
      mode: 0o600,
      group: 'chancery-operators',
    });
    expect([...(config.operators ?? [])]).toEqual([
      [1001, new Set(['read', 'narrow'])],
      [0, new Set(['read', 'narrow', 'submit', 'ceremony'])],
    ]);
    expect(config.tokens.get('main')).toEqual({
      name: 'main',
      module: '/srv/demo/vendor/module.so',
      pin: { credential: 'pin' },
      environment: {
        SOFTHSM2_CONF: '/srv/demo/softhsm2.conf',
        YUBIHSM_PKCS11_CONF: '/etc/yubihsm.conf',
        MODE: 'fast/slow',
      },
      sessions: 8,
    });
    expect(config.limits).toEqual({ maxRequestBytes: 65536, maxConnectionsPerUid: 4 });
    expect(config.log.level).toBe('debug');
  });

  it.each([
    ['an unknown key', edited('policy: policy', 'polcy: policy'), 'did you mean policy?'],
    ['an unknown key at its own line', `${MINIMAL}lgo: { level: info }\n`, 'line 9: unknown key "lgo"'],
    ['a nested unknown key', edited('pin: {', 'pinn: { file: a }, pin: {'), 'did you mean pin?'],
    ['a PIN in the file', edited('{ file: secrets/pin }', '{ value: "1234" }'), 'unknown key "value"'],
    ['no PIN source', edited('{ file: secrets/pin }', '{}'), 'exactly one of file and credential'],
    [
      'two PIN sources',
      edited('{ file: secrets/pin }', '{ file: a, credential: b }'),
      'exactly one of file and credential',
    ],
    ['another version', edited('version: 1', 'version: 2'), 'version: expected 1'],
    ['a name that fits no origin', edited('name: demo', 'name: De_mo'), 'name: expected 1 to 32 lower-case'],
    [
      'a decimal mode',
      edited('run/signer.sock }', 'run/signer.sock, mode: "660" }'),
      'sockets.signer.mode: expected an octal mode',
    ],
    [
      'an admin socket open to all',
      edited('run/admin.sock }', 'run/admin.sock, mode: "0666" }'),
      'others must have no access to the admin socket',
    ],
    ['one path for both sockets', edited('run/admin.sock', 'run/signer.sock'), 'have the same path'],
    [
      'an unbounded limit',
      `${MINIMAL}limits: { maxConnections: 999999 }\n`,
      'limits.maxConnections: expected a whole number from 1 to 16384',
    ],
    [
      'a limit of zero',
      `${MINIMAL}limits: { maxInFlight: 0 }\n`,
      'limits.maxInFlight: expected a whole number',
    ],
    ['a single session', edited('{ file: secrets/pin }', '{ file: a }, sessions: 1'), 'from 2 to 64'],
    [
      'a variable that changes the host process',
      edited('{ file: secrets/pin }', '{ file: a }, environment: { LD_PRELOAD: /tmp/x.so }'),
      'those that change the host process (LD_, NODE_, PATH) are not passed on',
    ],
    ['a power nobody has', `${MINIMAL}operators: [{ uid: 1, may: [all] }]\n`, 'expected one of read, narrow'],
    [
      'an operator twice',
      `${MINIMAL}operators: [{ uid: 1, may: [read] }, { uid: 1, may: [submit] }]\n`,
      'operators[1].uid: uid 1 stands twice',
    ],
    [
      'a variable that changes the runtime of the host',
      edited('{ file: secrets/pin }', '{ file: a }, environment: { NODE_OPTIONS: --require=/tmp/x.js }'),
      'those that change the host process (LD_, NODE_, PATH) are not passed on',
    ],
    [
      'a variable that says where the host finds programs',
      edited('{ file: secrets/pin }', '{ file: a }, environment: { PATH: /tmp }'),
      'those that change the host process (LD_, NODE_, PATH) are not passed on',
    ],
    [
      'a variable of small letters',
      edited('{ file: secrets/pin }', '{ file: a }, environment: { mode: x }'),
      'expected the name of a variable for the module',
    ],
    [
      'a value of two lines',
      edited('{ file: secrets/pin }', '{ file: a }, environment: { MODE: "x\\ny" }'),
      'expected one line of text',
    ],
    ...['0661', '0662', '0664', '0607'].map((mode): [string, string, string] => [
      `an admin socket of mode ${mode}`,
      edited('run/admin.sock }', `run/admin.sock, mode: "${mode}" }`),
      'others must have no access to the admin socket',
    ]),
    [
      'one path for both sockets, spelt differently',
      edited('run/admin.sock', 'run/../run/./signer.sock'),
      'have the same path',
    ],
    [
      'a group that is no name',
      edited('run/admin.sock', 'run/admin.sock, group: "a b"'),
      'number of a group',
    ],
    [
      'a credential outside its directory',
      edited('{ file: secrets/pin }', '{ credential: ../pin }'),
      'expected the name of a systemd credential',
    ],
    ['a path of two lines', edited('policy: policy.yaml', 'policy: "a\\nb"'), 'policy: expected a path'],
    ['a token of a longer name', edited('main:', `${'m'.repeat(65)}:`), 'expected a name of letters, digits'],
    ['more sessions than 64', edited('{ file: secrets/pin }', '{ file: a }, sessions: 65'), 'from 2 to 64'],
    [
      'requests of more than 16 MiB',
      `${MINIMAL}limits: { maxRequestBytes: 16777217 }\n`,
      'limits.maxRequestBytes: expected a whole number from 16384 to 16777216',
    ],
    [
      'a uid in two spellings',
      `${MINIMAL}operators: [{ uid: 1, may: [read] }, { uid: "01", may: [submit] }]\n`,
      'operators[1].uid: expected a user id',
    ],
    ['an operator without powers', `${MINIMAL}operators: [{ uid: 1, may: [] }]\n`, 'operators[0].may'],
    [
      'more archives than 16',
      edited('directory: ledger', `directory: ledger, archives: [${'a,'.repeat(16)}a]`),
      'expected at most 16 directories',
    ],
    ['no operators', `${MINIMAL}operators: []\n`, 'at least one operator'],
    ['an anchor', edited('name: demo', 'name: &a demo'), 'line 3: anchors are not read'],
    ['a key twice', `${MINIMAL}name: other\n`, 'the key name stands twice'],
    ['an empty file', '', 'empty'],
  ])('refuses %s with CONFIG_INVALID', (_, text, expected) => {
    const message = fault(text);
    expect(message).toContain('/srv/demo/chancery.yaml');
    expect(message).toContain(expected);
  });

  it('names the line', () => {
    expect(fault(edited('policy: policy.yaml', 'policy: ""'))).toContain('line 6: policy: expected a path');
  });

  it('never shows a PIN that was put where the source belongs', () => {
    expect(fault(edited('{ file: secrets/pin }', '"hunter2"'))).not.toContain('hunter2');
  });

  it('refuses a socket path that the kernel would cut, with PATH_TOO_LONG', () => {
    const room = 107 - '/srv/demo/'.length;
    const fits = edited('run/signer.sock', 'a'.repeat(room));
    expect(Buffer.byteLength(parse(fits).sockets.signer.path)).toBe(107);
    const error = thrown(() => parse(edited('run/signer.sock', 'a'.repeat(room + 1))));
    expect(error.code).toBe('PATH_TOO_LONG');
    expect(error.message).toContain('108 bytes, a Unix socket has room for 107');
    // Bytes count, not characters.
    expect(thrown(() => parse(edited('run/signer.sock', 'é'.repeat(room / 2 + 1)))).code).toBe(
      'PATH_TOO_LONG',
    );
  });

  it('refuses such a path for the admin socket too', () => {
    const error = thrown(() => parse(edited('run/admin.sock', 'a'.repeat(98))));
    expect(error.code).toBe('PATH_TOO_LONG');
  });

  it('bounds the file before it is read, and the text before it is parsed', () => {
    const long = `${MINIMAL}# ${'x'.repeat(256 * 1024)}\n`;
    expect(fault(long)).toContain('at most 262144 are read');
    const directory = temporaryDirectory();
    const file = join(directory, 'chancery.yaml');
    writeFileSync(file, long);
    expect(thrown(() => loadConfig(file)).code).toBe('FILE_UNREADABLE');
  });

  it('reads a file, and says which one it could not read', () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'chancery.yaml');
    expect(thrown(() => loadConfig(file)).code).toBe('FILE_UNREADABLE');
    writeFileSync(file, MINIMAL);
    expect(loadConfig(file).policy).toBe(join(directory, 'policy.yaml'));
  });
});
