import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { doctor } from '../ceremony/doctor.js';
import type { DoctorLine } from '../ceremony/doctor-line.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { printable } from '../core/printable.js';
import { HOST_SCRIPT } from '../hsm/host-script.js';
import { nodeFiles } from '../os/files.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { EXIT_FAILED } from './fail.js';
import { example, print } from './output.js';
import { progressLine } from './progress.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at everything the daemon relies on; one line each, with the fix')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example('chancery doctor --config demo/chancery.yaml')}\nExit code: 1 when a line says FAIL.\n`,
    )
    .action(async (options: { readonly config: string; readonly json?: boolean }) => {
      const lines = await doctor({
        config: loadConfig(options.config),
        files: nodeFiles(),
        clock: MACHINE_CLOCK,
        hostScript: HOST_SCRIPT,
        program: [process.execPath, fileURLToPath(new URL('main.js', import.meta.url)), HOST_SCRIPT],
        progress: progressLine(),
      });
      print({ text: lines.map(lineText).join('\n'), json: lines }, options.json);
      if (lines.some(({ verdict }) => verdict === 'fail')) process.exitCode = EXIT_FAILED;
    });
}

const VERDICTS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

function lineText({ subject, verdict, finding, fix }: DoctorLine): string {
  const said = `${VERDICTS[verdict]}  ${printable(subject)}: ${printable(finding)}`;
  return fix === undefined ? said : `${said}\n      fix: ${printable(fix)}`;
}
