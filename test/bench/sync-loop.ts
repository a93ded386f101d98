import { join } from 'node:path';
import { serveLoop } from './loop.js';
import { SyncedFile } from './synced-file.js';

/** Appends a record of an entry's size and waits for the disk, one after the other. */

const [, , directory = '', bytes = '1200'] = process.argv;

serveLoop((_request, recorder) => {
  const file = new SyncedFile(join(directory, 'bench-sync'), Number(bytes));
  while (!recorder.over()) {
    const began = performance.now();
    file.append();
    recorder.add(began);
  }
  file.remove();
  return Promise.resolve();
});
