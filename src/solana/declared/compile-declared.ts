import { ChanceryError } from '../../core/errors.js';
import { toAddress, type Pubkey } from '../../core/pubkey.js';
import { sha256Hex } from '../../core/sha256.js';
import { JsonError, parseStrictJson } from '../../core/strict-json.js';
import { programNameOf } from '../program-names.js';
import { readAnchorIdl } from './anchor-idl.js';
import { readCodamaIdl } from './codama-idl.js';
import type { Bound, DeclaredInstruction, DeclaredProgram, Role, Spend } from './declared-program.js';
import { IdlError, type Idl, type IdlInstruction } from './idl.js';
import { isScalar, type Layout } from './layout.js';

/** A program as the policy declares it. Accounts and arguments are named as in the IDL. */
export interface ProgramDeclaration {
  readonly name: string;
  readonly program: Pubkey;
  readonly idl: { readonly format: 'anchor' | 'codama'; readonly sha256: string };
  readonly instructions: readonly InstructionDeclaration[];
}

export interface InstructionDeclaration {
  readonly name: string;
  /** Accounts that must be the key. */
  readonly key: readonly string[];
  /** Accounts that must be the key's own associated token accounts, for assets the policy declares. */
  readonly own: readonly string[];
  /** Accounts the destination rule is about. */
  readonly destinations: readonly string[];
  /** Accounts that must have one address, beside those the IDL fixes. */
  readonly fixed: ReadonlyMap<string, Pubkey>;
  readonly spends: readonly SpendDeclaration[];
  readonly bounds: readonly Bound[];
  /** How many accounts may follow the declared ones. */
  readonly remaining: number;
}

export interface SpendDeclaration {
  readonly source: string;
  readonly amount: Spend['amount'];
  readonly when?: Spend['when'];
}

/**
 * Checks a declaration against the exact bytes of its IDL and makes it ready for `assess`. Pure.
 *
 * Throws ChanceryError POLICY_INVALID: another IDL than the pinned one, one for another program, a name the IDL
 * does not have, a type it cannot lay out, a spend without a source that is the key's or with two destinations,
 * a discriminator that starts with another's of the IDL, or another's with it, or a program of the closed list, whose
 * rules a declaration must not replace.
 */
export function compileDeclaredProgram(declaration: ProgramDeclaration, idl: Uint8Array): DeclaredProgram {
  const { name, program } = declaration;
  const fail = (message: string): ChanceryError =>
    new ChanceryError('POLICY_INVALID', `program ${name}: ${message}`);
  if (programNameOf(program) !== null) throw fail('it has rules of its own and cannot be declared');
  const digest = sha256Hex(idl);
  if (digest !== declaration.idl.sha256) throw fail(`the IDL has SHA-256 ${digest}, not the one declared`);
  const parsed = readIdl(declaration, idl, fail);
  if (parsed.program !== null && parsed.program !== program) {
    throw fail(`the IDL is for ${toAddress(parsed.program)}`);
  }
  const instructions = declaration.instructions.map((each) => {
    try {
      const found = parsed.instruction(each.name);
      if (found === null) throw new IdlError('the IDL has no such instruction');
      return compileInstruction(each, found);
    } catch (error) {
      if (error instanceof IdlError) throw fail(`${each.name}: ${error.message}`);
      throw error;
    }
  });
  instructions.forEach((each, index) => {
    const twin = instructions.find((candidate, at) => at !== index && startsWith(each, candidate));
    // Also from those that are not declared: what the program takes for another would be counted as this one.
    const other = parsed.discriminators.find(
      (candidate) =>
        candidate.name !== each.name && (startsWith(each, candidate) || startsWith(candidate, each)),
    );
    const found = twin ?? other;
    if (found !== undefined) throw fail(`${each.name} cannot be told from ${found.name}`);
  });
  return { name, program, idl: digest, instructions };
}

type Told = Pick<DeclaredInstruction, 'discriminator'>;

function startsWith(longer: Told, shorter: Told): boolean {
  return shorter.discriminator.every((byte, index) => longer.discriminator[index] === byte);
}

function readIdl(declaration: ProgramDeclaration, bytes: Uint8Array, fail: (message: string) => Error): Idl {
  try {
    const value = parseStrictJson(bytes, 64);
    return declaration.idl.format === 'anchor' ? readAnchorIdl(value) : readCodamaIdl(value);
  } catch (error) {
    if (error instanceof JsonError || error instanceof IdlError) throw fail(error.message);
    throw error;
  }
}

function compileInstruction(declaration: InstructionDeclaration, idl: IdlInstruction): DeclaredInstruction {
  const positions = new Map(idl.accounts.map((account, index) => [account.name, index]));
  const at = (account: string): number => {
    const position = positions.get(account);
    if (position === undefined) throw new IdlError(`the IDL has no account ${account}`);
    return position;
  };
  if (positions.size !== idl.accounts.length) throw new IdlError('two accounts of the IDL have one name');
  const roles: Role[] = idl.accounts.map(({ address }) =>
    address === null ? { kind: 'other' } : { kind: 'fixed', address },
  );
  const assign = (account: string, role: Role): void => {
    const position = at(account);
    if (roles[position]?.kind !== 'other') throw new IdlError(`${account} has two roles`);
    roles[position] = role;
  };
  for (const account of declaration.key) assign(account, { kind: 'key' });
  for (const account of declaration.own) assign(account, { kind: 'own' });
  for (const account of declaration.destinations) assign(account, { kind: 'destination' });
  for (const [account, address] of declaration.fixed) assign(account, { kind: 'fixed', address });

  const layouts = new Map(idl.arguments.map(({ name, layout }) => [name, layout]));
  const scalar = (argument: string): void => {
    const layout: Layout | undefined = layouts.get(argument);
    if (layout === undefined) throw new IdlError(`the IDL has no argument ${argument}`);
    if (!isScalar(layout)) throw new IdlError(`${argument} is not a number`);
  };
  const spends = declaration.spends.map((spend): Spend => {
    const source = at(spend.source);
    const kind = roles[source]?.kind;
    if (kind !== 'key' && kind !== 'own') throw new IdlError(`${spend.source} is not the key's to spend`);
    if ('argument' in spend.amount) scalar(spend.amount.argument);
    if (spend.when !== undefined) scalar(spend.when.argument);
    return { source, amount: spend.amount, ...(spend.when === undefined ? {} : { when: spend.when }) };
  });
  if (spends.length > 0 && declaration.destinations.length > 1) {
    throw new IdlError(
      'what is spent would go to several destinations, and a limit of one counts it for one',
    );
  }
  for (const bound of declaration.bounds) {
    scalar(bound.argument);
    if (bound.ratio !== undefined) scalar(bound.ratio.of);
  }
  return {
    name: idl.name,
    discriminator: idl.discriminator,
    arguments: idl.arguments,
    accounts: idl.accounts.map((account, index) => ({
      name: account.name,
      role: roles[index] ?? { kind: 'other' },
    })),
    remaining: declaration.remaining,
    spends,
    bounds: declaration.bounds,
  };
}
