import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Failure, WireCode } from '../../core/errors.js';
import type { Debit, InstructionReport, KeyContext } from '../assessment.js';

/** One instruction with its accounts resolved, as the program readers see it. */
export interface Call {
  readonly index: number;
  /** Position within a Batch. */
  readonly inner?: number;
  readonly program: Pubkey;
  readonly programName: string | null;
  /** Null for an account of a lookup table that is not pinned; never the key itself. */
  readonly accounts: readonly (Pubkey | null)[];
  readonly data: Uint8Array;
  readonly touchesKey: boolean;
}

/** What a program reader found; `report` turns it into an InstructionReport. */
export interface Finding {
  readonly name: string | null;
  readonly debits?: readonly Debit[];
  readonly destinations?: readonly Pubkey[];
  readonly refusals?: readonly Failure[];
  /** See `InstructionReport.exposed`. */
  readonly exposed?: readonly Pubkey[];
  /** Called only when somebody reads the details: base58 is too slow for the path of every request. */
  readonly details?: () => readonly (readonly [string, string])[];
}

/** Reads one call of one program, for one key. Never throws: what it does not understand is a refusal. */
export type ProgramReader = (call: Call, context: KeyContext) => Finding;

export function refusalOf(call: Call, code: WireCode, message: string): Failure {
  return {
    code,
    message,
    instruction: call.index,
    ...(call.inner === undefined ? {} : { inner: call.inner }),
    program: toAddress(call.program),
  };
}

/** The instruction is refused whole, by a name when it has one. */
export function refused(call: Call, name: string | null, message: string): Finding {
  return { name, refusals: [refusalOf(call, 'INSTRUCTION_NOT_ALLOWED', message)] };
}

const NONE: readonly never[] = [];

class Report implements InstructionReport {
  readonly index: number;
  declare readonly inner?: number;
  readonly program: Pubkey;
  readonly programName: string | null;
  readonly name: string | null;
  readonly debits: readonly Debit[];
  readonly destinations: readonly Pubkey[];
  readonly touchesKey: boolean;
  readonly refusals: readonly Failure[];
  declare readonly exposed?: readonly Pubkey[];
  readonly #details: (() => readonly (readonly [string, string])[]) | undefined;

  constructor(call: Call, finding: Finding) {
    this.index = call.index;
    if (call.inner !== undefined) this.inner = call.inner;
    this.program = call.program;
    this.programName = call.programName;
    this.name = finding.name;
    this.debits = finding.debits ?? NONE;
    this.destinations = finding.destinations ?? NONE;
    this.touchesKey = call.touchesKey;
    this.refusals = finding.refusals ?? NONE;
    if (finding.exposed !== undefined) this.exposed = finding.exposed;
    this.#details = finding.details;
  }

  get details(): readonly (readonly [string, string])[] {
    return this.#details?.() ?? NONE;
  }
}

export function report(call: Call, finding: Finding): InstructionReport {
  return new Report(call, finding);
}
