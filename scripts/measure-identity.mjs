#!/usr/bin/env node
// What naming a caller costs: admission of a connection, the check at each step of a request, the digest of an
// executable. Needs `npm run build`.
//   node scripts/measure-identity.mjs
import console from 'node:console';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { ExecutableDigests } from '../dist/identity/executable-digests.js';
import { identify } from '../dist/identity/identify.js';
import { admitPeer } from '../dist/identity/peer.js';
import { bootTime } from '../dist/os/boottime.js';
import { peerCredentials } from '../dist/os/peer-credentials.js';

const ROUNDS = 7;
const CALLS = 3000;

/** Median over rounds of the CPU microseconds a call takes, system time included: other load does not count. */
async function time(call) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let count = 0; count < CALLS; count++) await call();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / CALLS);
  }
  return rounds.sort((left, right) => left - right)[ROUNDS >> 1];
}

const directory = mkdtempSync(join(tmpdir(), 'chancery-measure-'));
const path = join(directory, 's');
const server = createServer();
await new Promise((resolve) => server.listen(path, resolve));
const accepted = new Promise((resolve) => server.once('connection', resolve));
connect(path);
const socket = await accepted;
const { fd } = socket._handle;
const peer = admitPeer(fd);
const digests = new ExecutableDigests();
const start = performance.now();
await digests.of(peer.executable);
const digest = performance.now() - start;
const { uid, exe } = peer.facts;
const registrations = [
  {
    id: 'spiffe://example.org/a',
    selectors: [
      { kind: 'unix:uid', value: uid },
      { kind: 'unix:path', value: exe },
    ],
  },
];
const rows = {
  'SO_PEERCRED and SO_PEERGROUPS': await time(() => peerCredentials(fd)),
  'admit and close (SO_PEERPIDFD)': await time(() => admitPeer(fd).close()),
  'admit and close (pidfd_open and start time)': await time(() => admitPeer(fd, 'number').close()),
  'check: executable and liveness': await time(() => peer.check()),
  'identify by uid and path': await time(() => identify(peer, registrations, digests)),
  'boot clock': await time(() => bootTime()),
};
console.log(`${cpus().length} x ${cpus()[0].model}, Linux ${release()}, Node ${process.version}`);
for (const [name, micros] of Object.entries(rows))
  console.log(`${name.padEnd(46)} ${micros.toFixed(1).padStart(8)} µs`);
console.log(`${`digest of ${exe}, first time`.padEnd(46)} ${digest.toFixed(0).padStart(8)} ms`);
rmSync(directory, { recursive: true, force: true });
process.exit(0);
