import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../support/site/command.js';
import { Site, WORKLOAD } from '../../support/site/site.js';

let site: Site;
const at = (name: string): string => join(site.directory, 'inputs', name);

beforeAll(async () => {
  site = await Site.make();
  mkdirSync(at('directory'), { recursive: true });
  writeFileSync(at('empty'), '');
  writeFileSync(
    at('binary'),
    Uint8Array.from({ length: 4096 }, (_, index) => (index * 151) & 0xff),
  );
  writeFileSync(at('text'), 'hello\n');
  writeFileSync(at('huge'), Buffer.alloc((16 << 20) + 1, 'a'));
});
afterAll(async () => {
  await site.remove();
});

/** Every place where a command takes a file, FILE standing for it. */
const COMMANDS = {
  'serve --config': ['serve', '--config', 'FILE'],
  'doctor --config': ['doctor', '--config', 'FILE'],
  'status --config': ['status', '--config', 'FILE'],
  'genesis --config': ['genesis', '--config', 'FILE'],
  'genesis --statement': ['genesis', '--config', 'CONFIG', '--statement', 'FILE'],
  'policy check': ['policy', 'check', 'FILE'],
  'policy diff': ['policy', 'diff', 'FILE', '--config', 'CONFIG'],
  'policy diff --against': ['policy', 'diff', 'POLICY', '--against', 'FILE'],
  'policy sign': ['policy', 'sign', 'FILE', '--config', 'CONFIG', '--identity', 'KEY'],
  'policy submit': ['policy', 'submit', 'FILE', '--config', 'CONFIG'],
  'attest inspect': ['attest', 'inspect', 'FILE', '--config', 'CONFIG'],
  'attest inspect --policy': ['attest', 'inspect', 'POLICY', '--policy', 'FILE'],
  'attest sign': ['attest', 'sign', 'FILE', '--config', 'CONFIG', '--identity', 'KEY'],
  'attest submit': ['attest', 'submit', 'FILE', '--config', 'CONFIG'],
  'attest issue --identity': [
    'attest',
    'issue',
    ...['--config', 'CONFIG', '--workload', WORKLOAD, '--key', 'trading-1', '--identity', 'FILE', '--submit'],
  ],
  'keys list --config': ['keys', 'list', '--config', 'FILE'],
  'ledger tail': ['ledger', 'tail', '--ledger', 'FILE'],
  'ledger show': ['ledger', 'show', '0', '--ledger', 'FILE'],
  'ledger verify': ['ledger', 'verify', '--ledger', 'FILE'],
  'ledger verify --witnesses': ['ledger', 'verify', '--config', 'CONFIG', '--witnesses', 'FILE'],
  'ledger prove --checkpoint': [
    ...['ledger', 'prove', '--sequence', '0', '--config', 'CONFIG', '--checkpoint', 'FILE'],
  ],
  'ledger replay --policy': ['ledger', 'replay', '--config', 'CONFIG', '--policy', 'FILE'],
  'relay --witnesses': ['relay', '--once', '--config', 'CONFIG', '--witnesses', 'FILE'],
  'sign --transaction': ['sign', '--key', 'trading-1', '--transaction', 'FILE', '--socket', 'NOWHERE'],
  'explain --transaction': ['explain', '--key', 'trading-1', '--transaction', 'FILE', '--socket', 'NOWHERE'],
} as const;

const INPUTS = ['absent', 'directory', 'empty', 'binary', 'text', 'huge'] as const;

/** What was there before a command must be there after it, byte for byte. */
function everything(): Record<string, string> {
  const files = readdirSync(site.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/tokens|inputs/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'latin1')]));
}

describe('a file that is not what it should be', () => {
  it.each(Object.entries(COMMANDS))(
    '%s: is refused with a code and a hint, and nothing is done',
    async (_, words) => {
      const before = everything();
      for (const input of INPUTS) {
        const places: Record<string, string> = {
          FILE: at(input),
          CONFIG: site.config,
          POLICY: join(site.directory, 'policy.yaml'),
          KEY: site.sovereignKey,
          NOWHERE: at('none.sock'),
        };
        const { code, stdout, stderr } = await command(...words.map((word) => places[word] ?? word));
        expect(code, `${input}: ${stderr}`).toSatisfy((status) => status === 1 || status === 2);
        expect(stdout, input).toBe('');
        expect(stderr, input).toMatch(/^error: (?!INTERNAL)[A-Z_]+: .+$/m);
        expect(stderr, input).toMatch(/^hint: .+$/m);
        // Whoever gave several files must know which; only one can hold witnesses.
        expect(stderr.includes(at(input)) || stderr.includes('witness'), stderr).toBe(true);
        expect(everything(), input).toEqual(before);
      }
    },
  );

  const endless: Record<string, readonly string[]> = {
    'serve --config': COMMANDS['serve --config'],
    'policy check': COMMANDS['policy check'],
    'attest inspect': COMMANDS['attest inspect'],
    'sign --transaction': COMMANDS['sign --transaction'],
    'ledger prove --checkpoint': COMMANDS['ledger prove --checkpoint'],
    'ledger replay --policy': COMMANDS['ledger replay --policy'],
    'ledger verify --witnesses': COMMANDS['ledger verify --witnesses'],
    // What a short file holds is damage for the report, so it is not in the table above.
    'ledger verify --checkpoint': ['ledger', 'verify', '--config', 'CONFIG', '--checkpoint', 'FILE'],
  };
  it.each(Object.entries(endless))(
    '%s: a device without an end is refused, not read for ever',
    async (_, given) => {
      const words = given.map((word) =>
        word === 'FILE' ? '/dev/zero' : word === 'CONFIG' ? site.config : word,
      );
      const { code, stderr } = await command(...words);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: FILE_UNREADABLE: .*\/dev\/zero is longer than \d+ bytes$/m);
    },
  );
});

describe('an argument that is not what it should be', () => {
  it.each([
    ['keys generate --label', ['keys', 'generate', '--label', '']],
    ['keys generate, too long', ['keys', 'generate', '--label', 'l'.repeat(65)]],
    ['keys generate, a label no policy can name', ['keys', 'generate', '--label', 'tr\u{e4}ding']],
    ['keys import --label', ['keys', 'import', '--label', '']],
    ['keys import, a label no policy can name', ['keys', 'import', '--label', 'tr\u{e4}ding']],
    ['freeze --reason', ['freeze', '--all', '--reason', '']],
    ['freeze, too long', ['freeze', '--all', '--reason', 'r'.repeat(501)]],
    ['attest revoke --reason', ['attest', 'revoke', '--workload', WORKLOAD, '--reason', '']],
    ['unfreeze with nothing frozen', ['unfreeze']],
    ['unfreeze of no such hash', ['unfreeze', 'abc']],
    ['an unknown option', ['doctor', '--bogus']],
    ['too many arguments', ['doctor', 'more']],
    ['ledger show beyond the end', ['ledger', 'show', '99']],
    ['ledger tail of none', ['ledger', 'tail', '-n', '0']],
    ['keys list of no such token', ['keys', 'list', '--token', 'none']],
  ])('%s is wrong usage, before anything is done', async (_, words) => {
    const before = everything();
    const { code, stdout, stderr } = await command(...words, '--config', site.config);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: USAGE: .+\nhint: .+\n$/);
    expect(everything()).toEqual(before);
  });

  it('genesis says how the statement is made that it lacks', async () => {
    const words = ['genesis', '--config', site.config, '--statement', at('absent')];
    const { code, stderr } = await command(...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: FILE_UNREADABLE: there is no .*absent\nhint: .*chancery genesis --config .* --request /,
    );
  });

  it('unfreeze does not count what is not frozen', async () => {
    const { stderr } = await command('unfreeze', '--config', site.config);
    expect(stderr).toMatch(/^error: USAGE: nothing is frozen$/m);
  });

  it('policy submit says that a policy is not signed, or not as it is now, and how it is', async () => {
    const path = at('policy.yaml');
    const policy = readFileSync(join(site.directory, 'policy.yaml'), 'utf8');
    const blobs = (): readonly string[] => readdirSync(join(site.directory, 'ledger', 'blobs')).sort();
    const before = blobs();
    const submit = ['policy', 'submit', path, '--config', site.config];
    writeFileSync(path, policy.replace(/^serial: 1$/m, 'serial: 2'));
    const unsigned = await command(...submit);
    expect(unsigned.code).toBe(1);
    expect(unsigned.stderr).toMatch(
      /^error: FILE_UNREADABLE: there is no .*\.sig: .*\nhint: chancery policy sign .*policy\.yaml --config /,
    );
    const signed = ['policy', 'sign', path, '--config', site.config, '--identity', site.sovereignKey];
    expect(await command(...signed)).toMatchObject({ code: 0 });
    writeFileSync(path, policy.replace(/^serial: 1$/m, 'serial: 3'));
    const edited = await command(...submit);
    expect(edited.code).toBe(1);
    expect(edited.stderr).toMatch(
      /^error: STATEMENT_INVALID: .*policy\.yaml is not the policy that .*\.sig signs\nhint: .*chancery policy sign /,
    );
    expect(blobs()).toEqual(before);
  });

  it.skipIf(process.geteuid?.() !== 0)(
    'root writes nothing into the ledger of another user, who could not read it afterwards',
    async () => {
      const ledger = join(site.directory, 'ledger');
      const before = everything();
      chownSync(ledger, 65_532, 65_532);
      for (const words of [['freeze', '--all', '--reason', 'drill'], ['serve']]) {
        const { code, stdout, stderr } = await command(...words, '--config', site.config);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(/^error: PERMISSION_UNSAFE: .*uid 65532.*\nhint: .*sudo -u '#65532' /);
      }
      chownSync(ledger, 0, 0);
      expect(everything()).toEqual(before);
    },
  );

  it('init needs the name of a directory', async () => {
    expect(await command('init', '')).toMatchObject({ code: 2 });
  });
});
