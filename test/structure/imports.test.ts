import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The import table is only worth something while the check fires: a tool that reads nothing (a new TypeScript it
 * does not know, a wrong path) reports no violation. A copy of the tree gets one file a rule that breaks it.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** File to add, its text, the rule that must report it. */
const VIOLATIONS: readonly (readonly [string, string, string])[] = [
  ['src/core/bad.ts', "import '../os/flock.js';", 'core-imports'],
  [
    'src/solana/bad.ts',
    "import type { Policy } from '../policy/policy.js';\nexport type A = Policy;",
    'solana-imports',
  ],
  ['src/ledger/bad.ts', "import '../solana/read-message.js';", 'ledger-imports'],
  ['src/policy/bad.ts', "import '../sovereign/sshsig.js';", 'policy-imports'],
  [
    'src/audit/bad.ts',
    "import type { State } from '../ledger/state.js';\nexport type A = State;",
    'audit-imports',
  ],
  ['src/transport/bad.ts', "import '../signing/sign.js';", 'transport-imports'],
  ['src/client/bad.ts', "import '../config/chancery-yaml.js';", 'client-imports'],
  ['src/cli/bad.ts', "import '../daemon/wire.js';", 'cli-imports'],
  ['src/cli/serve.ts', "import '../transport/limits.js';", 'only-serve-imports-the-daemon'],
  ['src/daemon/bad.ts', "import '../cli/bad.js';", 'daemon-is-no-client'],
  ['src/signing/bad.ts', "import '../ledger/store/open.js';", 'signing-takes-the-ledger-as-a-port'],
  ['src/signing/bad-peer.ts', "import '../identity/identify.js';", 'types-only'],
  ['src/misc/bad.ts', 'export const a = 1;', 'unknown-folder'],
  ['src/daemon/reaches-misc.ts', "import '../misc/bad.js';", 'unknown-folder'],
  [
    'src/hsm/bad.ts',
    "import pkcs11js from 'pkcs11js';\nexport const a = pkcs11js;",
    'pkcs11js-only-where-it-belongs',
  ],
  [
    'src/identity/bad.ts',
    "import koffi from 'koffi';\nexport const a = koffi;",
    'koffi-only-where-it-belongs',
  ],
  [
    'src/daemon/bad-ws.ts',
    "import { WebSocketServer } from 'ws';\nexport const a = WebSocketServer;",
    'ws-only-where-it-belongs',
  ],
  [
    'src/solana/bad-web3.ts',
    "import { PublicKey } from '@solana/web3.js';\nexport const a = PublicKey;",
    'solana-web3-js-only-where-it-belongs',
  ],
  [
    'src/signing/bad-kit.ts',
    "import type { Address } from '@solana/kit';\nexport type A = Address;",
    'solana-kit-only-where-it-belongs',
  ],
  [
    'src/solana/bad-vm.ts',
    "import { LiteSVM } from 'litesvm';\nexport const a = LiteSVM;",
    'unlisted-package',
  ],
  ['src/policy/bad-files.ts', "import 'node:fs';", 'pure-folders'],
  ['src/operations/bad.ts', "import 'node:https';", 'no-network'],
  ['src/ledger/bad-test.ts', "import '../../test/support/thrown.js';", 'not-to-tests'],
  ['src/core/bad-missing.ts', "import './nowhere.js';", 'unresolvable'],
  ['src/core/ring-a.ts', "import { b } from './ring-b.js';\nexport const a = (): number => b();", 'no-cycle'],
];

/** The other half of the ring. */
const RING = [
  'src/core/ring-b.ts',
  "import { a } from './ring-a.js';\nexport const b = (): number => a();",
] as const;

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly totalCruised: number;
  };
}

/** Exit code 0 or the number of violations; both print the report. */
function cruise(directory: string): Promise<Report> {
  const cli = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, 'src', '--output-type', 'json'],
      { cwd: directory, maxBuffer: 256 << 20 },
      (error, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout) as Report);
        } catch {
          reject(new Error(`dependency-cruiser gave no report: ${stderr}`, { cause: error }));
        }
      },
    );
  });
}

describe('the import table', () => {
  let copy: string;
  let report: Report;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'chancery-structure-'));
    for (const name of ['src', 'test/support', 'package.json', 'tsconfig.json', '.dependency-cruiser.js']) {
      await cp(join(ROOT, name), join(copy, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, text] of [...VIOLATIONS, RING]) {
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await writeFile(join(copy, file), `${text}\n`);
    }
    report = await cruise(copy);
  });

  afterAll(async () => {
    await rm(copy, { recursive: true, force: true });
  });

  it.each(VIOLATIONS.map(([file, , rule]) => [rule, file]))('%s fires on %s', (rule, file) => {
    const found = report.summary.violations.filter((violation) =>
      rule === 'unknown-folder' ? violation.to === 'src/misc/bad.ts' : violation.from === file,
    );
    expect(found.map((violation) => violation.rule.name)).toContain(rule);
  });

  it('reads the whole tree, and reports nothing else', () => {
    const added = new Set([...VIOLATIONS, RING].map(([file]) => file));
    expect(report.summary.totalCruised).toBeGreaterThan(200 + added.size);
    expect(report.summary.violations.filter(({ from, to }) => !added.has(from) && !added.has(to))).toEqual(
      [],
    );
  });
});
