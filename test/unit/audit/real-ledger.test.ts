import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { replayLedger } from '../../../src/audit/replay/replay.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { putBlob } from '../../../src/ledger/store/blobs.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import {
  attestation,
  authorization,
  genesis,
  LEDGER_KEY,
  policy,
  policyText,
  signatureOver,
  start,
  START,
} from '../../support/audit/history.js';
import { StillClock } from '../../support/ledger-clock.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const files = nodeFiles();
const clock = new StillClock(START);
let directory: string;
let ledger: Ledger;

const append = async (...entries: readonly EntryBody[]): Promise<number> => {
  const { written } = await ledger.transact(() => ({ entries, result: null }));
  return written[0]!.sequence;
};

beforeEach(async () => {
  directory = join(temporaryDirectory(), 'ledger');
  clock.now = START;
  await putBlob(files, directory, Buffer.from(policyText()));
  await createLedger({ directory, files, clock, genesis: [genesis(), policy()] });
  ledger = await openLedger({ directory, files, clock, segmentBytes: 128 * 1024 });
});

async function work(pairs: number): Promise<void> {
  const warrant = attestation(clock.now);
  await append(start(), warrant);
  await Promise.all(
    Array.from({ length: pairs }, async (_, index) => {
      const body = authorization(warrant.id, index);
      await append(signatureOver(await append(body), body));
    }),
  );
}

describe('the ledger that the daemon writes', () => {
  it('verifies over several segments, while open and when closed, and replays', async () => {
    await work(120);
    const options = { directory, publicKeys: [LEDGER_KEY.address] };
    const open = await verifyLedger(options);
    expect(open.damages).toEqual([]);
    expect(open).toMatchObject({ entries: 244, signatures: 120, statements: 3, open: [] });
    expect(open.segments).toBeGreaterThan(1);
    expect(open.root).toBe(ledger.state.root());
    await ledger.close();
    const closed = await verifyLedger(options);
    expect(closed).toMatchObject({ sound: true, head: open.head, root: open.root });
    expect(await replayLedger({ directory })).toMatchObject({ authorizations: 120, different: 0 });
  });

  it('shows what is in flight, and that the next start has closed it', async () => {
    await work(2);
    const left = await append(authorization('00'.repeat(16), 99));
    expect((await verifyLedger({ directory, onlyHashes: true })).open).toEqual([left]);
    await ledger.close();
    ledger = await openLedger({ directory, files, clock, segmentBytes: 128 * 1024 });
    expect(await verifyLedger({ directory, onlyHashes: true })).toMatchObject({ sound: true, open: [] });
    await ledger.close();
  });

  it('tells a write that a power cut tore from damage', async () => {
    // So that the last line goes over the end of a sector.
    await append({ type: 'tick' });
    await work(3);
    await ledger.close();
    const path = join(directory, '000000000000.ledger');
    const whole = readFileSync(path);
    const size = statSync(path).size;
    const lastLine = whole.lastIndexOf(0x0a, size - 2) + 1;
    const sector = Math.ceil((lastLine + 1) / 512) * 512;
    const kindOf = async (bytes: Buffer): Promise<string | undefined> => {
      writeFileSync(path, bytes);
      return (await verifyLedger({ directory })).damages[0]?.kind;
    };
    expect(await kindOf(whole.subarray(0, size - 1))).toBe('torn-tail');
    expect(await kindOf(Buffer.concat([whole.subarray(0, lastLine + 100), Buffer.alloc(1000)]))).toBe(
      'torn-tail',
    );
    const lost = Buffer.from(whole);
    expect(sector).toBeLessThan(size);
    lost.fill(0, lastLine, sector);
    expect(await kindOf(lost)).toBe('torn-tail');
    const flipped = Buffer.from(whole);
    flipped[lastLine + 80] = (flipped[lastLine + 80] ?? 0) ^ 1;
    expect(await kindOf(flipped)).toBe('hash');
    // Nothing but its last byte is wrong: the entry was acknowledged, and the daemon refuses to cut it.
    const ended = Buffer.from(whole);
    ended[size - 1] = 0x0b;
    expect(await kindOf(ended)).toBe('line');
    expect(await kindOf(Buffer.concat([ended, Buffer.alloc(1000)]))).toBe('line');
    await expect(openLedger({ directory, files, clock })).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    // A flip in an entry that was acknowledged, and a write after it that was torn: the second excuses nothing.
    const torn = [Buffer.alloc(512 - (size % 512), 'x'), Buffer.alloc(512), Buffer.from('y')];
    expect(await kindOf(Buffer.concat([whole, ...torn]))).toBe('torn-tail');
    expect(await kindOf(Buffer.concat([flipped, ...torn]))).toBe('hash');
    await expect(openLedger({ directory, files, clock })).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    // Sectors are lost whole: zero bytes that begin in the middle of one were written there.
    const [start = Buffer.alloc(0), zeros = Buffer.alloc(0), rest = Buffer.alloc(0)] = torn;
    expect(await kindOf(Buffer.concat([whole, start, rest, zeros, rest]))).toBe('line');
    await expect(openLedger({ directory, files, clock })).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    const early = Buffer.from(whole);
    early.fill(0, 1024, 1536);
    expect(await kindOf(early)).not.toBe('torn-tail');
  });
});
