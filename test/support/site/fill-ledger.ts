import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wallClock } from '../../../src/core/clock.js';
import type { RevocationBody } from '../../../src/ledger/entries.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { openLedger, SEGMENT_BYTES } from '../../../src/ledger/store/open.js';
import { bootTime } from '../../../src/os/boottime.js';
import { nodeFiles } from '../../../src/os/files.js';
import type { Site } from './site.js';

/** What a line takes beside the reason. */
const FRAME = 400;
const LONGEST_REASON = 60_000;

/**
 * Gives the ledger of a stopped daemon several segments of so many bytes each. A daemon reads them like any other;
 * with its own it would take 16 MiB of signatures until one ends.
 */
export async function manySegments(site: Site, count: number, segmentBytes: number): Promise<void> {
  const ledger = await open(site, segmentBytes);
  try {
    for (let filled = 0; filled < count * segmentBytes; filled += segmentBytes / 2) {
      await append(ledger, segmentBytes / 2 - FRAME);
    }
  } finally {
    await ledger.close();
  }
}

/** Fills the last segment of a daemon that stopped cleanly until at most so many bytes of it are left. */
export async function fillSegment(site: Site, left: number): Promise<void> {
  const segments = (await readdir(site.ledger)).filter((name) => name.endsWith('.ledger')).sort();
  const { size } = await stat(join(site.ledger, segments.at(-1) ?? ''));
  const ledger = await open(site, SEGMENT_BYTES);
  try {
    for (let wanted = SEGMENT_BYTES - size - left; wanted > 0;) {
      const reason = Math.min(LONGEST_REASON, Math.max(1, wanted - FRAME));
      await append(ledger, reason);
      wanted -= reason + FRAME;
    }
  } finally {
    await ledger.close();
  }
}

function open(site: Site, segmentBytes: number): Promise<Ledger> {
  const clock = { wall: wallClock, boot: bootTime };
  return openLedger({ directory: site.ledger, files: nodeFiles(), clock, segmentBytes });
}

/** An entry that changes nothing: nobody has this workload. */
async function append(ledger: Ledger, reason: number): Promise<void> {
  const filler: RevocationBody = {
    type: 'revocation',
    workload: 'spiffe://dev.chancery.local/nobody',
    reason: 'x'.repeat(reason),
    by: { uid: 0, pid: 1 },
  };
  await ledger.transact(() => ({ entries: [filler], result: null }));
}
