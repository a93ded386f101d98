// Preloaded into the real daemon by fault tests: kills it, without warning, at a named point of the request path,
// after CHANCERY_TEST_KILL_AFTER requests passed it.
import process from 'node:process';
import { subscribe } from 'node:diagnostics_channel';

const wanted = process.env.CHANCERY_TEST_KILL_AT;
let left = Number(process.env.CHANCERY_TEST_KILL_AFTER ?? 0);
subscribe('chancery.signing', ({ point }) => {
  if (point === wanted && left-- === 0) process.kill(process.pid, 'SIGKILL');
});
