/**
 * The HSM host: the process that loads a vendor's PKCS#11 module, so that a module that crashes or hangs takes
 * nothing with it. It is started by the daemon (host-process.ts), speaks frames on descriptor 3, and is the only
 * process that ever reads a PIN. It ends when the daemon closes the descriptor or dies.
 */
import { BlockingChannel } from './blocking-channel.js';
import { Host } from './host.js';

process.umask(0o077);
process.title = 'chancery-hsm';
// An uncaught error ends the process with its text on stderr, where a module's own words could stand: say less.
process.on('uncaughtException', (error) => {
  process.stderr.write(`the HSM host failed: ${error.name}\n`);
  process.exit(1);
});
// Ctrl-C, or the end of a terminal, goes to every process of it, and a service manager's SIGTERM to every process of the
// unit. The daemon drains then, and what is in flight still needs this process: it ends when the daemon lets go of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.exit(new Host(new BlockingChannel(3)).run() ? 0 : 1);
