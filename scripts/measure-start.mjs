#!/usr/bin/env node
// How long a ledger takes to open and what memory its state takes, at several sizes, from a snapshot and from the
// first entry. The ledgers are made by the real writer with a key in software. Needs `npm run build`.
//   node scripts/measure-start.mjs [entries …]        default: 0 100000 1000000
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeBase58 } from '../dist/core/base58.js';
import { Checkpointer } from '../dist/ledger/checkpoint/checkpointer.js';
import { ledgerNoteKey } from '../dist/ledger/note/checkpoint.js';
import { makeSnapshot, snapshotFault } from '../dist/ledger/snapshot/fold-to.js';
import { Snapshots } from '../dist/ledger/snapshot/snapshots.js';
import { createLedger } from '../dist/ledger/store/create.js';
import { openLedger } from '../dist/ledger/store/open.js';
import { nodeFiles } from '../dist/os/files.js';

const files = nodeFiles();
const START = Date.parse('2026-01-01T00:00:00Z');
/** Signatures a second by the ledger's own time. */
const RATE = 10;
const ORIGIN = 'chancery.local/measure/0123456789abcdef';
let now = START;
const clock = { wall: () => now, boot: () => now };

function statement(id) {
  const payload = Buffer.from(JSON.stringify({ type: 'policy/v1', id })).toString('base64');
  return { payload, signatures: [] };
}

function authorization(number) {
  return {
    type: 'authorization',
    request: `request-${number}`,
    purpose: 'transaction',
    key: 'trading-1',
    publicKey: '7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2',
    message: Buffer.from(`${number}`.padEnd(200)).toString('base64'),
    workload: 'spiffe://measure/agent',
    peer: { pid: 1, uid: 1000, gid: 1000, exe: '/usr/bin/agent' },
    attestation: '00'.repeat(16),
    policy: 'ab'.repeat(32),
    effects: [
      {
        instruction: 0,
        program: 'system',
        name: 'Transfer',
        debits: [
          {
            asset: 'SOL',
            amount: '5',
            reason: 'transfer',
            source: 'key',
            destination: `account ${number % 100}`,
          },
        ],
      },
    ],
    fee: '5000',
    counted: [
      { unit: 'SOL', amount: '5005' },
      { unit: 'fee', amount: '5000' },
      { unit: 'transactions', amount: '1' },
    ],
  };
}

async function make(directory, entries) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const genesis = {
    type: 'genesis',
    origin: ORIGIN,
    publicKey: encodeBase58(raw),
    statement: statement('genesis'),
  };
  await createLedger({ directory, files, clock, genesis: [genesis] });
  const ledger = await openLedger({ directory, files, clock });
  for (let done = 0; done < entries / 2; done += 500) {
    now = START + Math.floor((done / RATE) * 1000);
    const bodies = Array.from({ length: 500 }, (_, n) => authorization(done + n));
    const { written } = await ledger.transact(() => ({ entries: bodies, result: null }));
    const signature = 'x'.repeat(88);
    const outcomes = written.map(({ sequence }) => ({
      type: 'signature',
      authorization: `${sequence}`,
      signature,
    }));
    await ledger.transact(() => ({ entries: outcomes, result: null }));
  }
  const work = {
    make: (size, base) => makeSnapshot(files, directory, size, base),
    fault: (id) => snapshotFault(files, directory, id),
  };
  await new Snapshots({ ledger, files, directory, work, opened: null }).step();
  const checkpointer = await Checkpointer.resume({
    ledger,
    files,
    directory,
    clock,
    key: ledgerNoteKey(ORIGIN, raw),
    sign: async (bytes) => sign(null, bytes, privateKey),
    refuses: () => null,
    faulty: async () => {},
    published: () => {},
  });
  await checkpointer.make();
  await ledger.close();
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === '--open') {
  const [directory, fromSnapshot] = rest;
  const began = performance.now();
  const ledger = await openLedger({ directory, files, clock, fromSnapshot: fromSnapshot === 'true' });
  const ms = performance.now() - began;
  globalThis.gc();
  const { size } = ledger.state;
  console.log(
    JSON.stringify({ size, ms: Math.round(ms), rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20) }),
  );
  await ledger.close();
} else {
  const sizes = [mode, ...rest].filter((text) => text !== undefined).map(Number);
  for (const entries of sizes.length > 0 ? sizes : [0, 100_000, 1_000_000]) {
    const directory = join(mkdtempSync(resolve('start-')), 'ledger');
    try {
      await make(directory, entries);
      for (const fromSnapshot of [true, false]) {
        const self = fileURLToPath(import.meta.url);
        const child = ['--expose-gc', self, '--open', directory, String(fromSnapshot)];
        const { size, ms, rssMiB } = JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' }));
        console.log(
          `${size} entries, ${fromSnapshot ? 'snapshot' : 'every entry'}: ${ms} ms, ${rssMiB} MiB resident`,
        );
      }
    } finally {
      rmSync(join(directory, '..'), { recursive: true });
    }
  }
}
