import { parentPort, workerData } from 'node:worker_threads';
import { makeSnapshot, snapshotFault } from '../ledger/snapshot/fold-to.js';
import { nodeFiles } from '../os/files.js';
import type { SnapshotAnswer, SnapshotTask } from './snapshot-task.js';

const task = workerData as SnapshotTask;
const { directory } = task;
const answer: SnapshotAnswer =
  'make' in task
    ? { made: await makeSnapshot(nodeFiles(), directory, task.make, task.base) }
    : { fault: await snapshotFault(nodeFiles(), directory, task.check) };
parentPort?.postMessage(answer);
