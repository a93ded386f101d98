#!/usr/bin/env node
// What the HSM host costs: a bare C_SignInit + C_Sign loop, the same in the same process with verification, and
// the host through `startToken` at several depths, interleaved on one SoftHSM token. Needs `npm run build`.
//   node scripts/measure-hsm-host.mjs [seconds per run] [rounds]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pkcs11js from 'pkcs11js';
import { enrolKey, verifyStrict } from '../dist/core/ed25519.js';
import { initialiseToken, openAdministration } from '../dist/hsm/administration.js';
import { softHsmConf } from '../dist/hsm/softhsm-conf.js';
import { startToken } from '../dist/hsm/start-token.js';

const seconds = Number(process.argv[2] ?? 2);
const rounds = Number(process.argv[3] ?? 3);
const hostScript = fileURLToPath(new URL('../dist/hsm/pkcs11/host-main.js', import.meta.url));
const module = process.env.PKCS11_MODULE ?? '/usr/lib/softhsm/libsofthsm2.so';
const directory = mkdtempSync(join(tmpdir(), 'chancery-measure-'));
for (const name of ['tokens', 'latch']) mkdirSync(join(directory, name), { mode: 0o700 });
writeFileSync(join(directory, 'softhsm2.conf'), softHsmConf(join(directory, 'tokens')));
const environment = { SOFTHSM2_CONF: join(directory, 'softhsm2.conf') };
const pinFile = join(directory, 'pin');
const message = Buffer.alloc(400, 7);

function bareLoop() {
  process.env.SOFTHSM2_CONF = environment.SOFTHSM2_CONF;
  const p11 = new pkcs11js.PKCS11();
  p11.load(module);
  p11.C_Initialize({ flags: 2 });
  const slot = p11.C_GetSlotList(true).find((one) => p11.C_GetTokenInfo(one).label.trim() === 'measure');
  const session = p11.C_OpenSession(slot, 4);
  p11.C_Login(session, 1, readFileSync(pinFile, 'utf8').trim());
  p11.C_FindObjectsInit(session, [{ type: 0, value: 3 }]);
  const [key] = p11.C_FindObjects(session, 1);
  p11.C_FindObjectsFinal(session);
  return () => {
    p11.C_SignInit(session, { mechanism: 0x1057 }, key);
    return p11.C_Sign(session, message, Buffer.alloc(64));
  };
}

function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function synchronous(work) {
  const own = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < seconds * 1000) {
    work();
    count += 1;
  }
  const { user, system } = process.cpuUsage(own);
  return { rate: count / ((performance.now() - start) / 1000), daemon: (user + system) / count, host: 0 };
}

async function throughHost(token, key, verifying, depth) {
  const own = process.cpuUsage();
  const host = cpuOf(token.hostPid);
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  const request = { key, message, priority: 'normal', dispatch: () => undefined };
  await Promise.all(
    Array.from({ length: depth }, async () => {
      while (performance.now() < end) {
        const signature = await token.sign(request);
        if (!verifyStrict(verifying, message, signature)) throw new Error('a wrong signature');
        count += 1;
      }
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  return {
    rate: count / elapsed,
    daemon: (user + system) / count,
    host: (cpuOf(token.hostPid) - host) / count,
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

let token;
try {
  const pinned = await initialiseToken({ module, environment, label: 'measure', pinFile, hostScript });
  const access = {
    module,
    environment,
    pin: { file: pinFile },
    pinned,
    hostScript,
    latchDirectory: join(directory, 'latch'),
  };
  const administration = await openAdministration(access);
  const { publicKey, objectId } = await administration.generateKey({ label: 'k' });
  await administration.close();
  const keys = [{ id: 'k', label: 'k', objectId, publicKey }];
  token = await startToken({ ...access, name: 'main', keys, sessions: 2, report: () => undefined });
  const verifying = enrolKey(publicKey);
  const bare = bareLoop();
  const runs = {
    bare: () => synchronous(bare),
    'bare + verify': () => synchronous(() => verifyStrict(verifying, message, bare())),
    'host, depth 1': () => throughHost(token, 'k', verifying, 1),
    'host, depth 16': () => throughHost(token, 'k', verifying, 16),
    'host, depth 64': () => throughHost(token, 'k', verifying, 64),
  };
  await throughHost(token, 'k', verifying, 16);
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) (results[name] ??= []).push(await run());
  }
  const base = median(results.bare.map((one) => one.rate));
  console.log(
    `${cpus().length} x ${cpus()[0].model}, node ${process.version}, ${rounds} rounds of ${seconds} s, medians`,
  );
  for (const [name, all] of Object.entries(results)) {
    const rate = median(all.map((one) => one.rate));
    const cost = (part) =>
      median(all.map((one) => one[part]))
        .toFixed(0)
        .padStart(4);
    const costs = `  CPU us per signature: this process ${cost('daemon')}, host ${cost('host')}`;
    console.log(
      `${name.padEnd(15)} ${rate.toFixed(0).padStart(6)}/s  ratio ${(rate / base).toFixed(2)}${costs}`,
    );
  }
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${token.hostPid}/status`, 'utf8'))?.[1];
  console.log(`host memory ${(Number(resident) / 1024).toFixed(0)} MB resident`);
} finally {
  await token?.close();
  rmSync(directory, { recursive: true, force: true });
}
