// Runs a Solana VM in its own process: litesvm aborts the whole process on bytes it cannot parse.
// Requests come one at a time over IPC (advanced serialization); see solana-svm.ts for their shape.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import internal from 'litesvm/dist/internal.js';

let svm = create();

function create() {
  const vm = new internal.LiteSvm();
  vm.setSigverify(false);
  vm.setBlockhashCheck(false);
  vm.setTransactionHistory(0n);
  vm.withNativeMints();
  vm.warpToSlot(10n);
  // A lookup table is derived from a slot that the chain still remembers.
  vm.setSlotHashes([{ slot: 1n, hash: '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi' }]);
  return vm;
}

function set({ address, lamports, owner, data, executable }) {
  svm.setAccount(address, new internal.Account(lamports, data, owner, executable ?? false, 0n));
}

function get(address) {
  const account = svm.getAccount(address);
  if (account === null) return null;
  return { lamports: account.lamports(), owner: account.owner(), data: account.data() };
}

function send(wire) {
  const first = wire[0];
  const versioned = first === 0x81 || (wire[1 + 64 * first] & 0x80) !== 0;
  const result = versioned ? svm.sendVersionedTransaction(wire) : svm.sendLegacyTransaction(wire);
  if (result instanceof internal.FailedTransactionMetadata) {
    return { ok: false, error: describe(result.err()), logs: result.meta().logs() };
  }
  return { ok: true, units: result.computeUnitsConsumed(), logs: result.logs() };
}

function describe(error) {
  if (typeof error === 'number') return `transaction error ${error}`;
  try {
    const inner = typeof error.err === 'function' ? error.err() : error;
    return `${error.constructor.name} ${typeof inner === 'object' ? JSON.stringify(inner, Object.getOwnPropertyNames(Object.getPrototypeOf(inner))) : String(inner)} ${error.index ?? ''}`;
  } catch {
    return error.constructor.name;
  }
}

// The code of an upgradeable program lies in its program data, after a header of 45 bytes; else in its own account.
function clone({ from, to }) {
  const data = svm.getAccount(from).data();
  const elf = Buffer.from(data.slice(0, 4)).toString('latin1') === '\x7fELF';
  svm.addProgram(to, elf ? data : svm.getAccount(data.slice(4)).data().slice(45));
}

function run(scenario) {
  for (const copy of scenario.clones ?? []) clone(copy);
  for (const account of scenario.accounts) set(account);
  return scenario.steps.map((wire) => {
    const { logs, ...result } = send(wire);
    return {
      ...result,
      ...(scenario.logs ? { logs } : {}),
      accounts: scenario.watch.map((address) => get(address)),
    };
  });
}

process.on('message', ({ id, reset, scenarios, get: wanted }) => {
  if (reset) svm = create();
  const results = scenarios.map((scenario) => run(scenario));
  process.send({ id, results, accounts: (wanted ?? []).map((address) => get(address)) });
});
process.on('disconnect', () => process.exit(0));
