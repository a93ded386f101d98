// Preloaded into the real daemon by fault tests: kills it, without warning, at a named point of the request path.
import process from 'node:process';
import { subscribe } from 'node:diagnostics_channel';

const wanted = process.env.CHANCERY_TEST_KILL_AT;
subscribe('chancery.signing', ({ point }) => {
  if (point === wanted) process.kill(process.pid, 'SIGKILL');
});
