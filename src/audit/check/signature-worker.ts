import { parentPort } from 'node:worker_threads';
import { findBad, type KeyCache, type SignatureTask } from './signature-verifier.js';

const keys: KeyCache = new Map();

parentPort?.on('message', (tasks: readonly SignatureTask[]) => {
  parentPort?.postMessage(findBad(tasks, keys));
});
