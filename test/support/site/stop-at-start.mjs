// Preloaded into the real daemon by a test: asks it to end as soon as it hears that, before it has read its ledger.
import process from 'node:process';

process.on('newListener', (name) => {
  if (name === 'SIGTERM') setImmediate(() => process.kill(process.pid, 'SIGTERM'));
});
