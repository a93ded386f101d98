import { ChanceryError } from '../../core/errors.js';
import type { State } from '../state.js';
import type { Anchor, AnchorReading } from './anchor.js';

/** What an anchor has against the ledger. */
export interface Finding {
  /** One sentence. */
  readonly reason: string;
  /** The checkpoints that contradict it; none when the anchor is empty or cannot be read. */
  readonly contradicted: readonly { readonly size: string; readonly root: string }[];
  /** Whether it could not be read: nothing is known of what it holds. */
  readonly unread: boolean;
}

export interface Examined {
  readonly finding: Finding | null;
  /** The highest checkpoint that fits the ledger. */
  readonly newest: AnchorReading | null;
}

/**
 * Holds an anchor against the ledger. An anchor that is empty, or cannot be read, stands against it too: else
 * removing it would be the way around it. Only while nothing was authorized under the policy that requires it may it
 * be empty, since nothing is authorized before it holds its first checkpoint.
 */
export async function examine(
  anchor: Anchor,
  state: State,
  rootAt: (size: number) => Promise<string>,
): Promise<Examined> {
  let readings: readonly AnchorReading[];
  try {
    readings = await anchor.read();
  } catch (error) {
    const { finding } = against(troubleOf(anchor, error));
    return { finding: { ...finding, unread: true }, newest: null };
  }
  const valid = readings.filter(
    ({ checkpoint }) => !state.voidedCheckpoint(checkpoint.size, checkpoint.root),
  );
  const reasons: string[] = [];
  const contradicted: { size: string; root: string }[] = [];
  let newest: AnchorReading | null = null;
  for (const reading of valid) {
    const { size, root } = reading.checkpoint;
    const reason = await contradiction(anchor, state.size, size, root, rootAt);
    if (reason !== null) {
      reasons.push(reason);
      contradicted.push({ size: String(size), root });
    } else if (size > (newest?.checkpoint.size ?? -1)) newest = reading;
  }
  if (reasons.length > 0) return against(reasons.join('; '), contradicted);
  const written = anchor.write !== undefined;
  if (readings.length === 0 && written && state.authorizedUnderPolicy) {
    return against(`the anchor ${anchor.name} is empty, and it was not when the ledger was last written`);
  }
  return { finding: null, newest };
}

async function contradiction(
  anchor: Anchor,
  have: number,
  size: number,
  root: string,
  rootAt: (size: number) => Promise<string>,
): Promise<string | null> {
  if (size > have) {
    return `the anchor ${anchor.name} holds a checkpoint of ${String(size)} entries, the ledger has ${String(have)}`;
  }
  if ((await rootAt(size)) === root) return null;
  return `the anchor ${anchor.name} holds another root for ${String(size)} entries than the ledger`;
}

function against(
  reason: string,
  contradicted: Finding['contradicted'] = [],
): Examined & { readonly finding: Finding } {
  return { finding: { reason, contradicted, unread: false }, newest: null };
}

/** One sentence. */
export function troubleOf({ name }: Anchor, error: unknown): string {
  return error instanceof ChanceryError ? error.message : `the anchor ${name} failed`;
}
