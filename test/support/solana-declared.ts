import { sha256Hex } from '../../src/core/sha256.js';
import type { Pubkey } from '../../src/core/pubkey.js';
import { toAddress } from '../../src/core/pubkey.js';
import {
  compileDeclaredProgram,
  type InstructionDeclaration,
  type ProgramDeclaration,
} from '../../src/solana/declared/compile-declared.js';
import type { DeclaredProgram } from '../../src/solana/declared/declared-program.js';
import { key } from './solana-build.js';

/** A program of which nothing is known but this IDL: it is the Token program's code at another address. */
export const DECLARED = key(7000);

export const ANCHOR_IDL = {
  address: toAddress(DECLARED),
  metadata: { name: 'exchange', version: '1.0.0', spec: '0.1.0' },
  instructions: [
    {
      name: 'pay',
      discriminator: [12],
      accounts: [
        { name: 'from', writable: true },
        { name: 'mint' },
        { name: 'to', writable: true },
        { name: 'owner', signer: true },
      ],
      args: [
        { name: 'amount', type: 'u64' },
        { name: 'decimals', type: 'u8' },
      ],
    },
    {
      name: 'drain',
      discriminator: [4],
      accounts: [{ name: 'from' }, { name: 'to' }, { name: 'owner' }],
      args: [],
    },
  ],
};

export const PAY: InstructionDeclaration = {
  name: 'pay',
  key: ['owner'],
  own: ['from'],
  destinations: ['to'],
  fixed: new Map(),
  spends: [{ source: 'from', amount: { argument: 'amount' } }],
  bounds: [],
  remaining: 0,
};

/** The same as policy.yaml declares it, by the IDL: it pays `amount` from `from` to `to`. */
export const PAY_TEXT = {
  name: 'pay',
  key: ['owner'],
  own: ['from'],
  destinations: ['to'],
  spends: [{ source: 'from', amount: { argument: 'amount' } }],
};
export const IDL_BYTES = Buffer.from(JSON.stringify(ANCHOR_IDL));
export const EXCHANGE_TEXT = {
  id: toAddress(DECLARED),
  idl: { format: 'anchor', sha256: sha256Hex(IDL_BYTES) },
  instructions: [PAY_TEXT],
};

export function declare(
  instructions: readonly InstructionDeclaration[],
  idl: unknown = ANCHOR_IDL,
  program: Pubkey = DECLARED,
  change: Partial<ProgramDeclaration> = {},
): DeclaredProgram {
  const bytes = Buffer.from(JSON.stringify(idl));
  return compileDeclaredProgram(
    {
      name: 'exchange',
      program,
      idl: { format: 'anchor', sha256: sha256Hex(bytes) },
      instructions,
      ...change,
    },
    bytes,
  );
}
