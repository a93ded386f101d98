import { parentPort, workerData } from 'node:worker_threads';
import { makeSnapshot, snapshotFault } from '../ledger/snapshot/fold-to.js';
import { withArchives } from '../ledger/store/archived-files.js';
import { nodeFiles } from '../os/files.js';
import type { SnapshotAnswer, SnapshotTask } from './snapshot-task.js';

// Its modules are loaded: from now on it may be terminated.
parentPort?.postMessage('loaded');
const task = workerData as SnapshotTask;
const { directory, archives } = task;
const files = withArchives(nodeFiles(), directory, archives);
const answer: SnapshotAnswer =
  'make' in task
    ? { made: await makeSnapshot(files, directory, task.make, task.base) }
    : { fault: await snapshotFault(files, directory, task.check) };
parentPort?.postMessage(answer);
