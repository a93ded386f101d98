import { openLedger } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import { StillClock } from '../../support/ledger-clock.js';

/** Opens a ledger in a process of its own and says how long that took and what it left in memory. */

const [, , directory = '', fromSnapshot] = process.argv;
const clock = new StillClock(Date.parse('2027-01-01T00:00:00Z'));
const began = performance.now();
const ledger = await openLedger({
  directory,
  files: nodeFiles(),
  clock,
  fromSnapshot: fromSnapshot === 'true',
});
const milliseconds = performance.now() - began;
const residentBytes = process.memoryUsage.rss();
console.log(JSON.stringify({ entries: ledger.state.size, milliseconds, residentBytes }));
await ledger.close();
