import { parentPort } from 'node:worker_threads';
import { SignatureCheck, type SignatureTask } from './signature-verifier.js';

const check = new SignatureCheck();

parentPort?.on('message', (tasks: readonly SignatureTask[] | null) => {
  if (tasks === null) parentPort?.close();
  else parentPort?.postMessage(check.findBad(tasks));
});
