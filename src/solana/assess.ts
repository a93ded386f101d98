import type { Failure } from '../core/errors.js';
import type { Pubkey } from '../core/pubkey.js';
import { resolveAccounts } from './accounts.js';
import type { Assessment, InstructionReport, KeyContext } from './assessment.js';
import { feeBound } from './fee.js';
import type { Instruction, Message } from './message.js';
import { programNameOf, type ProgramName } from './program-names.js';
import { refusalOf, report, type Call, type Finding, type ProgramReader } from './programs/call.js';
import { readComputeBudget } from './programs/compute-budget.js';
import { readMemo } from './programs/memo.js';
import { readSystem } from './programs/system.js';

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
  const instructions: InstructionReport[] = [];
  for (const instruction of message.instructions) {
    const call = callOf(instruction, accounts, position);
    instructions.push(report(call, readCall(call, context)));
  }
  const refusals: Failure[] = [];
  if (slot === null) {
    refusals.push({ code: 'NOT_A_SIGNER', message: 'the key is not a required signer of this transaction' });
  }
  return { message, slot, instructions, fee: feeBound(message, context.key), refusals };
}

function callOf(instruction: Instruction, accounts: readonly (Pubkey | null)[], position: number): Call {
  const { index, program, data } = instruction;
  return {
    index,
    program,
    programName: programNameOf(program),
    accounts: instruction.accounts.map((account) => accounts[account] ?? null),
    data,
    touchesKey: instruction.accounts.includes(position),
  };
}

function readCall(call: Call, context: KeyContext): Finding {
  const name = programNameOf(call.program);
  return name === null ? readUnknown(call) : READERS[name](call, context);
}

const READERS: Readonly<Record<ProgramName, ProgramReader>> = {
  system: readSystem,
  token: readUnknown,
  'token-2022': readUnknown,
  'associated-token': readUnknown,
  'compute-budget': readComputeBudget,
  memo: readMemo,
  stake: readUnknown,
  'address-lookup-table': readUnknown,
  ed25519: readUnknown,
  secp256k1: readUnknown,
  secp256r1: readUnknown,
};

/** A program the signer has no rules for: with the key among its accounts it could do anything in its name. */
function readUnknown(call: Call): Finding {
  const refusal = call.touchesKey
    ? refusalOf(call, 'OPAQUE_INSTRUCTION', 'an unknown program would act with the authority of the key')
    : refusalOf(call, 'PROGRAM_NOT_ALLOWED', 'a program that is not known here');
  return { name: null, refusals: [refusal] };
}
