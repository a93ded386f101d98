import { Command } from 'commander';
import { loadConfig } from '../config/chancery-yaml.js';
import { example } from './output.js';
import { progressLine } from './progress.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the daemon in the foreground; prints `ready` when both sockets accept')
    .requiredOption('--config <file>', 'chancery.yaml')
    .addHelpText('after', example('chancery serve --config demo/chancery.yaml'))
    .action(async ({ config }: { readonly config: string }) => {
      // Only this command needs the daemon: the others start without it.
      const { serve } = await import('../daemon/serve.js');
      const ready = (): void => {
        process.stdout.write('ready\n');
      };
      await serve(loadConfig(config), ready, progressLine());
    });
}
