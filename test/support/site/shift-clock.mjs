// Preloaded into the real daemon by tests: its wall clock is off by CHANCERY_TEST_CLOCK_MS, from the start or, with
// CHANCERY_TEST_CLOCK_ON_SIGNAL, from SIGUSR2 on. The boot clock is left alone.
import process from 'node:process';

const shift = Number(process.env.CHANCERY_TEST_CLOCK_MS);
const now = Date.now;
const set = () => {
  Date.now = () => now() + shift;
};
if (process.env.CHANCERY_TEST_CLOCK_ON_SIGNAL === undefined) set();
else process.once('SIGUSR2', set);
