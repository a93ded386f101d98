// Starts an HSM host in a process that has no descriptors left; run it with a low limit.
import console from 'node:console';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../../../dist/hsm/host-process.js';

// Whatever these two load lazily, they load now.
await sleep(1);
console.log;
try {
  for (;;) openSync('/dev/null');
} catch {
  // None is left.
}
try {
  new HostProcess('/none', {}, {});
  console.log('it started');
} catch (error) {
  console.log(`${error.code}: ${error.message}`);
}
// An event that nobody hears would end this process.
await sleep(10);
