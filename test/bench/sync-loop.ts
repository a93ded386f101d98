import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { serveLoop } from './loop.js';

/** Appends a record of an entry's size and waits for the disk, one after the other. */

const [, , directory = '', bytes = '1200'] = process.argv;
const path = join(directory, 'bench-sync');
const record = Buffer.alloc(Number(bytes), 'x');

serveLoop((_request, recorder) => {
  const file = openSync(path, 'w');
  while (!recorder.over()) {
    const began = performance.now();
    writeSync(file, record);
    fdatasyncSync(file);
    recorder.add(began);
  }
  closeSync(file);
  rmSync(path);
  return Promise.resolve();
});
