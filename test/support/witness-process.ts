import { parseAddress, pubkeyBytes } from '../../src/core/pubkey.js';
import { ledgerNoteKey } from '../../src/ledger/note/checkpoint.js';
import { FakeWitness } from './fake-witness.js';

/**
 * usage: node witness-process.js ORIGIN LEDGER_KEY: a witness in a process of its own, by the clock of the machine, for
 * scripts/systemd-guest. Prints the tlog-policy that names it.
 */
const [, , origin = '', ledgerKey = ''] = process.argv;
const address = parseAddress(ledgerKey);
const log = address === null ? null : ledgerNoteKey(origin, pubkeyBytes(address));
if (log === null) throw new Error('usage: node witness-process.js ORIGIN LEDGER_KEY');
const witness = await FakeWitness.start('w', log);
const tick = (): void => {
  witness.now = Math.floor(Date.now() / 1000);
};
tick();
setInterval(tick, 250);
console.log(`${witness.policyLine}\nquorum w`);
