import { Command } from 'commander';
import { example } from '../output.js';
import { acceptRollbackCommand } from './accept-rollback.js';
import { backupCommand } from './backup.js';
import { exportCommand } from './export.js';
import { proveCommand } from './prove.js';
import { replayCommand } from './replay.js';
import { showCommand } from './show.js';
import { spendCommand } from './spend.js';
import { tailCommand } from './tail.js';
import { verifyCommand } from './verify.js';

export function ledgerCommand(): Command {
  const group = new Command('ledger')
    .description('read and verify the ledger; needs files and public keys, no daemon')
    .addHelpText('after', example('chancery ledger verify --config demo/chancery.yaml'));
  for (const command of [
    verifyCommand(),
    tailCommand(),
    showCommand(),
    proveCommand(),
    replayCommand(),
    exportCommand(),
    spendCommand(),
    backupCommand(),
    acceptRollbackCommand(),
  ])
    group.addCommand(command);
  return group;
}
