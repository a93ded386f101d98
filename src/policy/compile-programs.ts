import { ChanceryError } from '../core/errors.js';
import { parseAddress, type Pubkey } from '../core/pubkey.js';
import {
  compileDeclaredProgram,
  type InstructionDeclaration,
  type SpendDeclaration,
} from '../solana/declared/compile-declared.js';
import type { Bound, DeclaredProgram } from '../solana/declared/declared-program.js';
import { PROGRAM_NAMES } from '../solana/program-names.js';
import type { Path, Problems } from './problems.js';
import type { ProgramText } from './program-schema.js';

/** The exact bytes under a SHA-256 (64 hex), or null when they are not at hand. */
export type BlobSource = (sha256: string) => Uint8Array | null;

/** Declared programs by name, each compiled against its pinned IDL. */
export function compilePrograms(
  text: { readonly [name: string]: ProgramText },
  blob: BlobSource,
  problems: Problems,
): ReadonlyMap<string, DeclaredProgram> {
  const programs = new Map<string, DeclaredProgram>();
  const taken = new Set<string>(PROGRAM_NAMES);
  const ids = new Map<string, string>();
  for (const [name, item] of Object.entries(text)) {
    const path: Path = ['programs', name];
    const lower = name.toLowerCase();
    if (taken.has(lower)) problems.add(path, `another program is called ${lower}`);
    taken.add(lower);
    const other = ids.get(item.id);
    if (other !== undefined) problems.add([...path, 'id'], `the same program as ${other}`);
    ids.set(item.id, name);
    const program = compileProgram(name, item, path, blob, problems);
    if (program !== null) programs.set(name, program);
  }
  return programs;
}

function compileProgram(
  name: string,
  text: ProgramText,
  path: Path,
  blob: BlobSource,
  problems: Problems,
): DeclaredProgram | null {
  const program = parseAddress(text.id);
  if (program === null) problems.add([...path, 'id'], 'not the base58 of 32 bytes');
  const idl = blob(text.idl.sha256);
  if (idl === null)
    problems.add(
      [...path, 'idl', 'sha256'],
      'no IDL with this SHA-256 is at hand: a file in idl/ beside the policy',
    );
  const instructions = text.instructions.map((item, index) =>
    declaration(item, [...path, 'instructions', index], problems),
  );
  if (program === null || idl === null) return null;
  try {
    return compileDeclaredProgram({ name, program, idl: text.idl, instructions }, idl);
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    problems.add(path, error.message);
    return null;
  }
}

type InstructionText = ProgramText['instructions'][number];

function declaration(text: InstructionText, path: Path, problems: Problems): InstructionDeclaration {
  const fixed = new Map<string, Pubkey>();
  for (const [account, address] of Object.entries(text.fixed ?? {})) {
    const pubkey = parseAddress(address);
    if (pubkey === null) problems.add([...path, 'fixed', account], 'not the base58 of 32 bytes');
    else fixed.set(account, pubkey);
  }
  return {
    name: text.name,
    key: text.key ?? [],
    own: text.own ?? [],
    destinations: text.destinations ?? [],
    fixed,
    remaining: Number(text.remaining ?? '0'),
    spends: (text.spends ?? []).map(spendOf),
    bounds: (text.bounds ?? []).map((bound, index) => boundOf(bound, [...path, 'bounds', index], problems)),
  };
}

function spendOf({ source, amount, when }: NonNullable<InstructionText['spends']>[number]): SpendDeclaration {
  return {
    source,
    amount: 'constant' in amount ? { constant: BigInt(amount.constant) } : amount,
    ...(when === undefined ? {} : { when: { argument: when.argument, equals: BigInt(when.equals) } }),
  };
}

function boundOf(
  { argument, least, most, ratio }: NonNullable<InstructionText['bounds']>[number],
  path: Path,
  problems: Problems,
): Bound {
  // A bound that demands nothing is one somebody believes in.
  if (least === undefined && most === undefined && ratio === undefined) {
    problems.add(path, 'bounds nothing: give least, most or ratio');
  }
  if (least !== undefined && most !== undefined && BigInt(least) > BigInt(most)) {
    problems.add(path, 'least is above most: nothing would do');
  }
  return {
    argument,
    ...(least === undefined ? {} : { least: BigInt(least) }),
    ...(most === undefined ? {} : { most: BigInt(most) }),
    ...(ratio === undefined
      ? {}
      : {
          ratio: {
            of: ratio.of,
            numerator: BigInt(ratio.numerator),
            denominator: BigInt(ratio.denominator),
          },
        }),
  };
}
