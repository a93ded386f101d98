import type { Pubkey } from '../../core/pubkey.js';
import type { Layout } from './layout.js';

/** What both IDL formats say of an instruction, once read. */
export interface IdlInstruction {
  readonly name: string;
  readonly discriminator: Uint8Array;
  readonly accounts: readonly { readonly name: string; readonly address: Pubkey | null }[];
  readonly arguments: readonly { readonly name: string; readonly layout: Layout }[];
}

export interface Idl {
  /** Null when the IDL does not name its program. */
  readonly program: Pubkey | null;
  /** Of every instruction whose first bytes can be read, those that nobody declares among them. */
  readonly discriminators: readonly { readonly name: string; readonly discriminator: Uint8Array }[];
  /** Reads one instruction; null when there is none of that name. Throws IdlError on what it cannot lay out. */
  instruction(name: string): IdlInstruction | null;
}

/** What in an IDL cannot be read; the compiler adds where. */
export class IdlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IdlError';
  }
}
