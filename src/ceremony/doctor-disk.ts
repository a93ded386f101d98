import { closeSync, fdatasyncSync, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemCode } from '../core/files.js';
import { MOUNT_FOR_WRITING, SEGMENT_BYTES } from '../ledger/store/open.js';
import { AS_DAEMON, type DoctorLine } from './doctor-line.js';

const ROUNDS = 16;
const BLOCK = Buffer.alloc(4096, 1);
/** Above this a signature waits noticeably, since it waits for two syncs. Milliseconds. */
const SLOW_SYNC_MS = 20;
const COMFORT_BYTES = 1024 ** 3;

/** Room for segments, and what a durable write costs where the ledger is. Never throws. */
export function checkDisk(directory: string): readonly DoctorLine[] {
  return [room(directory), syncCost(directory)];
}

function room(directory: string): DoctorLine {
  const subject = 'disk';
  try {
    const { bavail, bsize } = statfsSync(directory);
    const free = bavail * bsize;
    const finding = `${(free / 1024 ** 2).toFixed(0)} MiB free`;
    // The segment in use and its spare are made in advance.
    if (free < 2 * SEGMENT_BYTES) {
      return {
        subject,
        verdict: 'fail',
        finding,
        fix: 'make room: signing stops when a segment cannot be made',
      };
    }
    if (free < COMFORT_BYTES)
      return { subject, verdict: 'warn', finding, fix: 'make room, or archive old segments' };
    return { subject, verdict: 'ok', finding };
  } catch (error) {
    const finding = `the file system of ${directory} cannot be asked${because(error)}`;
    return { subject, verdict: 'fail', finding, fix: fixFor(error) };
  }
}

function syncCost(directory: string): DoctorLine {
  const subject = 'fsync';
  const path = join(directory, `doctor-${String(process.pid)}.tmp`);
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const began = performance.now();
        writeSync(fd, BLOCK, 0, BLOCK.length, 0);
        fdatasyncSync(fd);
        times.push(performance.now() - began);
      }
      times.sort((left, right) => left - right);
      const median = times[ROUNDS / 2] ?? 0;
      const finding = `a durable write takes ${median.toFixed(2)} ms (median of ${String(ROUNDS)})`;
      if (median <= SLOW_SYNC_MS) return { subject, verdict: 'ok', finding };
      return {
        subject,
        verdict: 'warn',
        finding,
        fix: 'put the ledger on a disk with power-loss protection',
      };
    } finally {
      closeSync(fd);
      unlinkSync(path);
    }
  } catch (error) {
    const finding = `nothing can be written in ${directory}${because(error)}`;
    return { subject, verdict: 'fail', finding, fix: fixFor(error) };
  }
}

function because(error: unknown): string {
  const code = systemCode(error);
  return code === null ? '' : ` (${code})`;
}

function fixFor(error: unknown): string {
  switch (systemCode(error) ?? '') {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'see the line of the ledger: the directory is not there';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room, inodes too (df, df -i), or archive old segments';
    case 'EROFS':
      return MOUNT_FOR_WRITING;
    default:
      return AS_DAEMON;
  }
}
