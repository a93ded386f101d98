import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proveFromFiles } from '../../../src/audit/prove.js';
import type { SignedCheckpoint } from '../../../src/ledger/checkpoint/signed-checkpoint.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { proveEntry } from '../../../src/ledger/tiles/prove-entry.js';
import { Tiles } from '../../../src/ledger/tiles/tiles.js';
import { nodeFiles } from '../../../src/os/files.js';
import { ledgerKey } from '../../support/checkpoint-rig.js';
import { genesis, ORIGIN, policy } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { addressOf } from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { checkpointerOf } from '../../support/snapshot-ledger.js';
import { verifyTlogProof } from '../../support/tlog-proof.js';

const files = nodeFiles();
let directory: string;
let older: SignedCheckpoint;
let newest: SignedCheckpoint;

beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'chancery-prove-')), 'ledger');
  const clock = new StillClock();
  const ledgerGenesis = { ...genesis(), publicKey: addressOf('ledger') };
  await createLedger({ directory, files, clock, genesis: [ledgerGenesis, policy()] });
  const ledger = await openLedger({ directory, files, clock, segmentBytes: 32 * 1024 });
  const checkpointer = await checkpointerOf(ledger, { directory, files, clock });
  const grow = (count: number) =>
    ledger.transact(() => ({
      entries: Array.from({ length: count }, () => ({ type: 'tick' as const })),
      result: undefined,
    }));
  await grow(298);
  older = await checkpointer.make();
  await grow(145);
  newest = await checkpointer.make();
  await ledger.close();
});
afterAll(() => rm(join(directory, '..'), { recursive: true }));

describe('proveFromFiles', () => {
  it('gives the very text the daemon gives, without its tiles', async () => {
    const tiles = new Tiles(files, directory);
    for (const sequence of [0, 1, 255, 256, 299, 444]) {
      const proof = await proveFromFiles({ directory, sequence });
      expect(proof.text).toBe(await proveEntry(tiles, newest, sequence));
      const verdict = verifyTlogProof(proof.text, Buffer.from(proof.hash, 'hex'), ORIGIN, [ledgerKey()]);
      expect(verdict).toMatchObject({ ok: true, index: sequence });
    }
  });

  it('proves against a checkpoint kept elsewhere, and says when it does not cover the entry', async () => {
    const kept = join(directory, '..', 'kept');
    await writeFile(kept, older.note);
    const proof = await proveFromFiles({ directory, sequence: 40, checkpoint: kept });
    expect(proof.size).toBe(300);
    const error = await rejected(proveFromFiles({ directory, sequence: 300, checkpoint: kept }));
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(/entry 300 is not under the checkpoint, which covers 300 entries/);
  });

  it('reads the checkpoint that a person gives from a pipe, as a shell makes one: <(…)', async () => {
    const kept = join(directory, '..', 'to-be-piped');
    const pipe = join(directory, '..', 'pipe');
    await writeFile(kept, older.note);
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `exec cat ${kept} > ${pipe}`]);
    try {
      expect(await proveFromFiles({ directory, sequence: 40, checkpoint: pipe })).toMatchObject({
        size: 300,
      });
    } finally {
      writer.kill();
    }
  });

  it('tells how far it has read, a batch at a time, in entries and bytes of all there are', async () => {
    const heard: { entries: number; bytes: number; totalBytes: number }[] = [];
    await proveFromFiles({ directory, sequence: 4, progress: (progress) => heard.push(progress) });
    expect(heard.map(({ entries }) => entries)).toEqual(
      [...new Set(heard.map(({ entries }) => entries))].sort((left, right) => left - right),
    );
    expect(heard.at(-1)).toMatchObject({ entries: newest.size });
    expect(heard.at(-1)?.bytes).toBe(heard.at(-1)?.totalBytes);
  });

  it('gives none for a checkpoint of another root, an unsigned one, or another key', async () => {
    const forged = join(directory, '..', 'forged');
    const [, , root] = newest.note.split('\n');
    await writeFile(forged, newest.note.replace(root!, Buffer.alloc(32, 1).toString('base64')));
    for (const asked of [{ checkpoint: forged }, { publicKeys: [addressOf('trading-1')] }]) {
      expect((await rejected(proveFromFiles({ directory, sequence: 4, ...asked }))).code).toBe(
        'LEDGER_DAMAGED',
      );
    }
  });

  it('gives none when an entry under the checkpoint was changed', async () => {
    const segment = join(directory, '000000000000.ledger');
    const bytes = await readFile(segment);
    const changed = Buffer.from(bytes);
    changed[changed.indexOf('tick')] = 0x54;
    await writeFile(segment, changed);
    try {
      expect((await rejected(proveFromFiles({ directory, sequence: 200 }))).code).toBe('LEDGER_DAMAGED');
    } finally {
      await writeFile(segment, bytes);
    }
  });

  it('proves what the checkpoint covers, whatever a crash left behind it', async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.ledger')).sort();
    const last = join(directory, names.at(-1)!);
    const bytes = await readFile(last);
    await writeFile(last, Buffer.concat([bytes, Buffer.from('half a wr')]));
    try {
      expect(await proveFromFiles({ directory, sequence: 4 })).toMatchObject({ size: newest.size });
    } finally {
      await writeFile(last, bytes);
    }
  });
});
