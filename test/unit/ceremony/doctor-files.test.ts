import {
  chmodSync,
  chownSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkDisk } from '../../../src/ceremony/doctor-disk.js';
import { checkFiles } from '../../../src/ceremony/doctor-files.js';
import type { DoctorLine } from '../../../src/ceremony/doctor-line.js';
import { checkSockets } from '../../../src/ceremony/doctor-sockets.js';
import { whoCouldBecome } from '../../../src/ceremony/doctor-takeover.js';
import { parseConfig } from '../../../src/config/chancery-yaml.js';
import { softHsmConf } from '../../../src/hsm/softhsm-conf.js';
import { hasOnly } from '../../../src/os/groups.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const ME = process.geteuid?.() ?? 0;

/** What doctor says of a set-up with nothing but a directory of sockets of this mode, of a group that nobody knows. */
function fileLines(mode: number): readonly DoctorLine[] {
  const directory = temporaryDirectory();
  const run = join(directory, 'run');
  mkdirSync(run);
  if (ME === 0) chownSync(run, 0, 4242);
  chmodSync(run, mode);
  return linesIn(directory);
}

function linesIn(directory: string, daemon = ME): readonly DoctorLine[] {
  const yaml = `
version: 1
name: demo
sockets: { signer: { path: run/signer.sock }, admin: { path: run/admin.sock } }
ledger: { directory: ledger }
policy: policy.yaml
tokens:
  main: { module: /usr/lib/softhsm/libsofthsm2.so, pin: { file: secrets/pin }, environment: { SOFTHSM2_CONF: softhsm2.conf } }
`;
  const config = parseConfig(Buffer.from(yaml), join(directory, 'chancery.yaml'));
  return [
    ...checkFiles(config, daemon),
    whoCouldBecome(config, [], daemon),
    ...checkSockets(config, daemon),
    ...checkDisk(config.ledger.directory),
  ];
}

it('tells nobody to restore a ledger that it cannot look at', () => {
  const directory = temporaryDirectory();
  // As a directory above that this user may not enter, for root too.
  symlinkSync('ledger', join(directory, 'ledger'));
  const line = linesIn(directory).find(({ subject }) => subject === 'ledger');
  expect(line).toMatchObject({ verdict: 'fail', fix: 'run doctor as the user of the daemon' });
  expect(line?.finding).toMatch(/ledger cannot be read \(ELOOP\)$/);
});

const socketLines = (mode: number): readonly DoctorLine[] =>
  fileLines(mode).filter(({ subject }) => subject.endsWith('socket'));

it('says what to do about each directory that is not there, the ledger and the secrets too', () => {
  const failed = fileLines(0o700).filter(({ verdict }) => verdict === 'fail');
  const fixes = new Map(failed.map(({ subject, fix }) => [subject, fix]));
  expect([...fixes.keys()]).toEqual(['secrets', 'ledger', 'disk', 'fsync']);
  expect(fixes.get('secrets')).toMatch(/mkdir -m 0700 .*\/secrets/);
  expect(fixes.get('ledger')).toMatch(/restore .* backup/);
  for (const subject of ['disk', 'fsync']) expect(fixes.get(subject)).toMatch(/the line of the ledger/);
});

const tooOpen: [string, number, RegExp][] = [
  ['everybody', 0o777, /^everybody can put a socket/],
  ['everybody, with the sticky bit', 0o1777, /^everybody can put a socket/],
];
if (ME === 0) tooOpen.push(['its group', 0o770, /^group 4242 can put a socket/]);
it.each(tooOpen)(
  'a directory of sockets that %s may write fails: a socket there may be anybody’s',
  (_who, mode, finding) => {
    const lines = socketLines(mode);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line.verdict).toBe('fail');
      expect(line.finding).toMatch(finding);
    }
  },
);

it.each([
  [
    'a file',
    (run: string) => {
      writeFileSync(run, '');
    },
    /run is there and no directory$/,
    /^remove it/,
  ],
  // As a directory above that this user may not enter, for root too.
  [
    'what it cannot look at',
    (run: string) => {
      symlinkSync('run', run);
    },
    /\(ELOOP\)$/,
    /^run doctor as/,
  ],
])('%s in place of the directory of sockets is a line, and not the end of doctor', (_, put, finding, fix) => {
  const directory = temporaryDirectory();
  put(join(directory, 'run'));
  const lines = linesIn(directory).filter(({ subject }) => subject.endsWith('socket'));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toMatchObject({ verdict: 'fail' });
    expect(line.finding).toMatch(finding);
    expect(line.fix).toMatch(fix);
  }
});

it.each([0o700, 0o750, 0o755])('a directory of sockets with mode %i is as it should be', (mode) => {
  for (const line of socketLines(mode)) expect(line.verdict).toBe('ok');
});

/** A whole set-up, as it should be; root gives it to `owner`, another user is that user. */
function soundSite(owner = 65_532): { readonly directory: string; readonly daemon: number } {
  const directory = temporaryDirectory();
  const daemon = ME === 0 ? owner : ME;
  for (const name of ['secrets', 'ledger', 'tokens', 'run'])
    mkdirSync(join(directory, name), { mode: 0o700 });
  for (const name of ['chancery.yaml', 'policy.yaml']) writeFileSync(join(directory, name), '');
  writeFileSync(join(directory, 'softhsm2.conf'), softHsmConf(join(directory, 'tokens')));
  writeFileSync(join(directory, 'secrets', 'pin'), '', { mode: 0o400 });
  if (ME === 0) {
    for (const name of ['', 'secrets', 'ledger', 'tokens', 'run', 'chancery.yaml', 'softhsm2.conf']) {
      chownSync(join(directory, name), daemon, daemon);
    }
  }
  return { directory, daemon };
}

const failedIn = (directory: string, daemon: number): readonly DoctorLine[] =>
  linesIn(directory, daemon).filter(({ verdict }) => verdict === 'fail');

it('a sound set-up is sound whoever looks at it: its user is that of the ledger', () => {
  const { directory, daemon } = soundSite();
  expect(failedIn(directory, daemon)).toEqual([]);
  const other = linesIn(directory, daemon).filter(({ finding }) => finding.includes('this runs as'));
  expect(other.map(({ verdict }) => verdict)).toEqual(ME === daemon ? [] : ['warn']);
});

it.skipIf(ME !== 0 || !hasOnly(1, [0, 1]))(
  'a group that only the daemon is in may write, as where each user has one; another may not (needs root)',
  () => {
    const { directory, daemon } = soundSite(1);
    for (const name of ['', 'run', 'chancery.yaml']) chmodSync(join(directory, name), 0o770);
    expect(failedIn(directory, daemon)).toEqual([]);
    for (const name of ['run', 'chancery.yaml']) chownSync(join(directory, name), daemon, 4242);
    const findings = failedIn(directory, daemon).map(({ finding }) => finding);
    const run = `group 4242 can put a socket of its own into ${join(directory, 'run')}`;
    expect(findings).toEqual([`group 4242 may write ${join(directory, 'chancery.yaml')}`, run, run]);
  },
);

it.each([
  ['the directory of SoftHSM', 'tokens', 'SoftHSM tokens'],
  ['the secrets', 'secrets', 'secrets'],
])('%s must be open to nobody, and a directory', (_, name, subject) => {
  const { directory, daemon } = soundSite();
  chmodSync(join(directory, name), 0o750);
  expect(failedIn(directory, daemon)).toMatchObject([
    { subject, fix: `chmod 0700 ${join(directory, name)}` },
  ]);
  rmSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name), '', { mode: 0o600 });
  expect(failedIn(directory, daemon)).toMatchObject([
    { subject, finding: expect.stringMatching(/is there and no directory$/) as string },
  ]);
});

it.each(['snapshots', 'tile'])(
  '%s of the ledger must be a directory, which the daemon makes anew',
  (name) => {
    const { directory, daemon } = soundSite();
    const path = join(directory, 'ledger', name);
    mkdirSync(path);
    expect(failedIn(directory, daemon)).toEqual([]);
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
    expect(failedIn(directory, daemon)).toMatchObject([
      {
        subject: 'ledger',
        finding: `${path} is there and no directory`,
        fix: expect.stringMatching(/^move it away/) as string,
      },
    ]);
  },
);

it.each([
  ['softhsm2.conf', 0o666],
  ['secrets/pin', 0o666],
  // Of a file the sticky bit keeps nothing.
  ['chancery.yaml', 0o1666],
])('who may write %s of mode %i could become the daemon', (name, mode) => {
  const { directory, daemon } = soundSite();
  const path = join(realpathSync(directory), name);
  chmodSync(path, mode);
  expect(failedIn(directory, daemon)).toMatchObject([
    { subject: 'who could become the daemon', finding: `everybody may write ${path}` },
  ]);
});

it('who may replace a link on the way to the configuration could become the daemon', () => {
  const { directory, daemon } = soundSite();
  const shared = temporaryDirectory();
  chmodSync(shared, 0o777);
  symlinkSync(directory, join(shared, 'current'));
  expect(failedIn(join(shared, 'current'), daemon)).toMatchObject([
    {
      subject: 'who could become the daemon',
      finding: `everybody may write ${realpathSync(shared)}`,
    },
  ]);
});

it('a link that leads up does so from where its directory is, not from where a link to it stands', () => {
  const { directory, daemon } = soundSite();
  const [outer, inner, open] = ['outer', 'outer/inner', 'outer/open'].map((name) => join(directory, name));
  for (const path of [outer, inner, open]) mkdirSync(path ?? '', { mode: 0o755 });
  chmodSync(open ?? '', 0o777);
  renameSync(join(directory, 'softhsm2.conf'), join(open ?? '', 'softhsm2.conf'));
  // By its text the second link leads to `open` beside `short`, where nothing is.
  symlinkSync('../open/softhsm2.conf', join(inner ?? '', 'softhsm2.conf'));
  symlinkSync('outer/inner', join(directory, 'short'));
  symlinkSync('short/softhsm2.conf', join(directory, 'softhsm2.conf'));
  expect(failedIn(directory, daemon)).toMatchObject([
    {
      subject: 'who could become the daemon',
      finding: expect.stringMatching(/everybody may write .*\/outer\/open$/) as string,
    },
  ]);
});

it.skipIf(ME !== 0).each([
  ['secrets', /secrets belongs to uid 65530, the ledger to uid 65532$/],
  ['tokens', /tokens belongs to uid 65530, the ledger to uid 65532$/],
  ['run', /^uid 65530, its owner, can put a socket of its own into .*run$/],
  ['chancery.yaml', /^uid 65530, its owner, may write .*chancery\.yaml$/],
])('%s of another user fails, for that user too (needs root)', (name, finding) => {
  const { directory, daemon } = soundSite();
  chownSync(join(directory, name), 65_530, 65_530);
  const findings = failedIn(directory, daemon).map((line) => line.finding);
  expect(findings).toContainEqual(expect.stringMatching(finding));
});
