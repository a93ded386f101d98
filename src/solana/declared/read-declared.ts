import { ByteReader, ReadError } from '../../core/byte-reader.js';
import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Debit, KeyContext } from '../assessment.js';
import { refusalOf, refused, type Call, type Finding } from '../programs/call.js';
import { assetOf, SOL } from '../programs/own.js';
import { readValue } from './layout.js';
import type { Bound, DeclaredInstruction, DeclaredProgram, Spend } from './declared-program.js';

/** Arguments by name; null for values that are neither integer nor boolean. */
type Arguments = ReadonlyMap<string, bigint | null>;

/**
 * An instruction of a program the policy declares. What is not declared is refused: other instructions, other
 * accounts in a role, more accounts, bytes after the arguments. The key and each of its own accounts may stand
 * only where a role says so, and only once, so that no account is spent under two names.
 */
export function readDeclared(call: Call, context: KeyContext, program: DeclaredProgram): Finding {
  const instruction = program.instructions.find((each) => startsWith(call.data, each.discriminator));
  if (instruction === undefined) {
    return refused(call, null, `an instruction of ${program.name} that the policy does not declare`);
  }
  const { name } = instruction;
  const values = readArguments(call, instruction);
  if ('problem' in values) return refused(call, name, values.problem);
  if (!call.touchesKey && !touchesOwn(call, context)) return { name };
  const accounts = checkAccounts(call, context, instruction);
  if ('finding' in accounts) return accounts.finding;
  for (const bound of instruction.bounds) {
    const problem = broken(bound, values.arguments);
    if (problem !== null) return refused(call, name, problem);
  }
  const flag = undeclaredFlag(instruction.spends, values.arguments);
  if (flag !== null) {
    return refused(call, name, `${name} with this ${flag} takes what the policy does not declare`);
  }
  // Compiled so that an instruction that spends has at most one: limits of a destination count all of it.
  const [destination = null] = accounts.destinations;
  const debits: Debit[] = [];
  for (const spend of instruction.spends) {
    const debit = spent(spend, values.arguments, call, context, destination);
    if (debit === 'unread') return refused(call, name, `the amount of ${name} cannot be read`);
    if (debit !== null) debits.push(debit);
  }
  return {
    name,
    debits,
    destinations: accounts.destinations,
    exposed: accounts.exposed,
    details: () => [
      ...[...values.arguments].flatMap(([argument, value]) =>
        value === null ? [] : [[argument, value.toString()] as const],
      ),
      ...debits.map((debit) => ['source', toAddress(debit.source)] as const),
    ],
  };
}

function startsWith(data: Uint8Array, prefix: Uint8Array): boolean {
  return data.length >= prefix.length && prefix.every((byte, index) => data[index] === byte);
}

function readArguments(
  call: Call,
  instruction: DeclaredInstruction,
): { readonly arguments: Arguments } | { readonly problem: string } {
  const found = new Map<string, bigint | null>();
  try {
    const reader = new ByteReader(call.data, instruction.discriminator.length);
    for (const { name, layout } of instruction.arguments) found.set(name, readValue(reader, layout, name));
    reader.finish('the arguments');
  } catch (error) {
    if (error instanceof ReadError) return { problem: `${instruction.name}: ${error.message}` };
    throw error;
  }
  return { arguments: found };
}

function touchesOwn(call: Call, context: KeyContext): boolean {
  return call.accounts.some((account) => account === null || context.ownTokenAccounts.has(account));
}

interface Places {
  readonly destinations: readonly Pubkey[];
  readonly exposed: readonly Pubkey[];
}

function checkAccounts(
  call: Call,
  context: KeyContext,
  instruction: DeclaredInstruction,
): Places | { readonly finding: Finding } {
  const { name } = instruction;
  const deny = (message: string): { finding: Finding } => ({ finding: refused(call, name, message) });
  const declared = instruction.accounts.length;
  if (call.accounts.length < declared) return deny(`${name} lacks accounts`);
  if (call.accounts.length > declared + instruction.remaining)
    return deny(`${name} has more accounts than declared`);
  const destinations: Pubkey[] = [];
  const mine = new Set<Pubkey>();
  for (const [position, account] of call.accounts.entries()) {
    const place = instruction.accounts[position];
    const label = place?.name ?? `account ${String(position)}`;
    if (account === null) {
      // Unknown, it could be an own account in a role that must not have one.
      const message = `${label} comes from a lookup table whose contents the policy does not pin`;
      return { finding: { name, refusals: [refusalOf(call, 'UNRESOLVED_LOOKUP', message)] } };
    }
    const own = context.ownTokenAccounts.has(account);
    if (account === context.key || own) {
      if (mine.has(account)) return deny(`an account of the key stands twice, again as ${label}`);
      mine.add(account);
    }
    switch (place?.role.kind) {
      case 'key':
        if (account !== context.key) return deny(`${label} must be the key`);
        break;
      case 'own':
        if (!own) return deny(`${label} must be an associated account of the key for a declared asset`);
        break;
      case 'fixed':
        if (account !== place.role.address) return deny(`${label} must be ${toAddress(place.role.address)}`);
        break;
      case 'destination':
      case 'other':
      case undefined:
        if (account === context.key || own) return deny(`${label} must not be an account of the key`);
        if (place?.role.kind === 'destination') destinations.push(account);
        break;
    }
  }
  return { destinations, exposed: [...mine] };
}

function broken(bound: Bound, values: Arguments): string | null {
  const value = values.get(bound.argument);
  if (value == null) return `${bound.argument} cannot be read`;
  if (bound.least !== undefined && value < bound.least) {
    return `${bound.argument} is ${String(value)}, at least ${String(bound.least)} is demanded`;
  }
  if (bound.most !== undefined && value > bound.most) {
    return `${bound.argument} is ${String(value)}, at most ${String(bound.most)} is allowed`;
  }
  if (bound.ratio !== undefined) {
    const { of, numerator, denominator } = bound.ratio;
    const base = values.get(of);
    if (base == null) return `${of} cannot be read`;
    if (value * denominator < base * numerator) {
      return `${bound.argument} is ${String(value)} for ${of} ${String(base)}, too little for the ratio demanded`;
    }
  }
  return null;
}

/**
 * A flag whose value no spend waits for: the direction of a swap that nobody declared. What is counted all the same
 * (rent, or what another flag asks for) says nothing of what that direction takes.
 */
function undeclaredFlag(spends: readonly Spend[], values: Arguments): string | null {
  const flags = new Set(spends.flatMap(({ when }) => when?.argument ?? []));
  for (const flag of flags) {
    const value = values.get(flag);
    if (!spends.some(({ when }) => when?.argument === flag && when.equals === value)) return flag;
  }
  return null;
}

function spent(
  spend: Spend,
  values: Arguments,
  call: Call,
  context: KeyContext,
  destination: Pubkey | null,
): Debit | 'unread' | null {
  if (spend.when !== undefined && values.get(spend.when.argument) !== spend.when.equals) return null;
  const amount = 'constant' in spend.amount ? spend.amount.constant : values.get(spend.amount.argument);
  const source = call.accounts[spend.source];
  if (amount == null || amount < 0n || source == null) return 'unread';
  const own = context.ownTokenAccounts.get(source);
  const asset = own === undefined ? SOL : assetOf(own.program, own.mint);
  return { asset, amount, reason: 'declared', source, destination, own: false };
}
