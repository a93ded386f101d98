import type { Failure } from '../core/errors.js';
import type { Pubkey } from '../core/pubkey.js';
import { resolveAccounts } from './accounts.js';
import type { Assessment, InstructionReport, KeyContext } from './assessment.js';
import { readDeclared } from './declared/read-declared.js';
import { feeBound } from './fee.js';
import { MAX_INSTRUCTIONS } from './limits.js';
import type { Instruction, Message } from './message.js';
import { openedForKey, withoutStranger } from './opened-accounts.js';
import { programNameOf, type ProgramName } from './program-names.js';
import { readAddressLookupTable } from './programs/address-lookup-table.js';
import { readAssociatedToken } from './programs/associated-token.js';
import { refused, report, type Call, type Finding, type ProgramReader } from './programs/call.js';
import { readComputeBudget } from './programs/compute-budget.js';
import { readMemo } from './programs/memo.js';
import { readPrecompile } from './programs/precompile.js';
import { readStake } from './programs/stake.js';
import { readSystem } from './programs/system.js';
import { splitBatch } from './programs/token-batch.js';
import { BATCH } from './programs/token-layouts.js';
import { readToken2022 } from './programs/token-2022.js';
import { readToken } from './programs/token.js';
import { readUnknown } from './programs/unknown.js';

/**
 * What signing this message can cost the key, in the worst case, and what in it is refused whatever the policy
 * says (I2, I6). Pure, and total: it answers for every message `readMessage` accepted.
 *
 * A signature gives the key's authority to the whole message, but a program only reaches accounts of its own
 * instruction: where the key is not among them, that instruction adds no loss through this signature.
 */
export function assess(message: Message, context: KeyContext): Assessment {
  const position = message.accounts.indexOf(context.key);
  const slot = position >= 0 && position < message.signatures ? position : null;
  const accounts = resolveAccounts(message, context.tables);

  const calls: Call[] = [];
  const instructions: InstructionReport[] = [];
  let room = MAX_INSTRUCTIONS - message.instructions.length;
  const findings: Finding[] = [];
  for (const instruction of message.instructions) {
    const call = callOf(instruction, accounts, position, context);
    const batch = isBatch(call) ? expand(call, context.key, room) : null;
    if (batch !== null && 'refused' in batch) {
      calls.push(call);
      findings.push(batch.refused);
      continue;
    }
    if (batch !== null) room -= batch.length - 1;
    for (const each of batch ?? [call]) {
      calls.push(each);
      findings.push(readCall(each, context));
    }
  }
  const opened = openedForKey(calls, context);
  calls.forEach((call, index) => {
    const finding = findings[index];
    if (finding !== undefined) instructions.push(report(call, settle(finding, opened, context)));
  });

  const refusals: Failure[] = [];
  if (slot === null) {
    refusals.push({ code: 'NOT_A_SIGNER', message: 'the key is not a required signer of this transaction' });
  }
  return { message, slot, instructions, fee: feeBound(message, context.key), refusals };
}

function settle(finding: Finding, opened: ReadonlySet<Pubkey>, context: KeyContext): Finding {
  if (opened.size === 0 || finding.debits === undefined) return finding;
  return { ...finding, debits: finding.debits.map((debit) => withoutStranger(debit, opened, context)) };
}

function callOf(
  instruction: Instruction,
  accounts: readonly (Pubkey | null)[],
  position: number,
  context: KeyContext,
): Call {
  const { index, program, data } = instruction;
  return {
    index,
    program,
    programName: programNameOf(program) ?? context.declared?.get(program)?.name ?? null,
    accounts: instruction.accounts.map((account) => accounts[account] ?? null),
    data,
    touchesKey: instruction.accounts.includes(position),
  };
}

function isBatch(call: Call): boolean {
  return call.data[0] === BATCH && (call.programName === 'token' || call.programName === 'token-2022');
}

/** A Batch as its inner calls; refused whole when it cannot be split or would pass the bound. */
function expand(call: Call, key: Pubkey, room: number): Call[] | { readonly refused: Finding } {
  const batch = splitBatch(call.data, call.accounts.length, room + 1);
  if ('problem' in batch) return { refused: refused(call, 'Batch', batch.problem) };
  if ('count' in batch) {
    const message = `a Batch of ${String(batch.count)} takes the message above ${String(MAX_INSTRUCTIONS)} instructions`;
    return { refused: refused(call, 'Batch', message) };
  }
  return batch.slices.map((slice, inner) => {
    const accounts = call.accounts.slice(slice.accountsFrom, slice.accountsTo);
    const data = call.data.subarray(slice.dataFrom, slice.dataTo);
    return { ...call, inner, accounts, data, touchesKey: accounts.includes(key) };
  });
}

function readCall(call: Call, context: KeyContext): Finding {
  const name = programNameOf(call.program);
  if (name !== null) return READERS[name](call, context);
  const declared = context.declared?.get(call.program);
  return declared === undefined ? readUnknown(call) : readDeclared(call, context, declared);
}

const READERS: Readonly<Record<ProgramName, ProgramReader>> = {
  system: readSystem,
  token: readToken,
  'token-2022': readToken2022,
  'associated-token': readAssociatedToken,
  'compute-budget': readComputeBudget,
  memo: readMemo,
  stake: readStake,
  'address-lookup-table': readAddressLookupTable,
  ed25519: readPrecompile,
  secp256k1: readPrecompile,
  secp256r1: readPrecompile,
};
