#!/usr/bin/env node
/**
 * What one durable write of a ledger entry costs here, by method: `node scripts/measure-commit.mjs [DIRECTORY]`.
 * The numbers in docs/architecture/ledger.md come from it. Interleaved rounds, so that a busy machine hurts all.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const ENTRY = Buffer.alloc(1200, 'A');
const SEGMENT_BYTES = 16 * 1024 * 1024;
const WRITES = 1000;
const ROUNDS = 5;

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'chancery-measure-'));
const { O_CREAT, O_DSYNC, O_TRUNC, O_WRONLY } = constants;

const methods = {
  'write, main thread, O_DSYNC, zero-filled': {
    flags: O_DSYNC,
    filled: true,
    commit: (fd, position) => writeSync(fd, ENTRY, 0, ENTRY.length, position),
  },
  'write, thread pool, O_DSYNC, zero-filled': {
    flags: O_DSYNC,
    filled: true,
    commit: (fd, position) => new Promise((resolve) => write(fd, ENTRY, 0, ENTRY.length, position, resolve)),
  },
  'write, thread pool, O_DSYNC, appending': {
    flags: O_DSYNC,
    filled: false,
    commit: (fd, position) => new Promise((resolve) => write(fd, ENTRY, 0, ENTRY.length, position, resolve)),
  },
  'write + fdatasync, thread pool, zero-filled': {
    flags: 0,
    filled: true,
    commit: (fd, position) =>
      new Promise((resolve) => {
        write(fd, ENTRY, 0, ENTRY.length, position, () => fdatasync(fd, resolve));
      }),
  },
};

const results = Object.fromEntries(Object.keys(methods).map((name) => [name, { times: [], cpu: 0 }]));
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { flags, filled, commit }] of Object.entries(methods)) {
      const path = join(directory, 'segment');
      const fd = openSync(path, O_CREAT | O_TRUNC | O_WRONLY);
      if (filled) writeSync(fd, Buffer.alloc(SEGMENT_BYTES));
      fsyncSync(fd);
      closeSync(fd);
      const file = openSync(path, O_WRONLY | flags);
      const before = process.cpuUsage();
      for (let n = 0; n < WRITES; n++) {
        const start = performance.now();
        await commit(file, n * ENTRY.length);
        results[name].times.push((performance.now() - start) * 1000);
      }
      const { user, system } = process.cpuUsage(before);
      results[name].cpu += user + system;
      closeSync(file);
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}

const quantile = (times, part) =>
  Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * part)]);
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${directory.replace(/\/[^/]*$/, '')}`,
);
console.log('method'.padEnd(46), 'p50 µs', 'p99 µs', 'CPU µs');
for (const [name, { times, cpu }] of Object.entries(results)) {
  const figures = [quantile(times, 0.5), quantile(times, 0.99), Math.round(cpu / times.length)];
  console.log(name.padEnd(46), ...figures.map((figure) => String(figure).padStart(6)));
}
