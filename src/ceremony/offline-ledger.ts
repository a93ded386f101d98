import type { Config } from '../config/chancery-yaml.js';
import type { Clock } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import { systemCode, type Files } from '../core/files.js';
import type { Ledger } from '../ledger/ledger.js';
import type { State } from '../ledger/state.js';
import { getBlob } from '../ledger/store/blobs.js';
import { withArchives } from '../ledger/store/archived-files.js';
import { openLedger, readState } from '../ledger/store/open.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { loadPolicy } from '../policy/load-policy.js';
import type { Policy } from '../policy/policy.js';
import { mustOwnLedger } from './ledger-owner.js';

/** The ledger of a daemon that does not run, for operators' commands; the directory's lock keeps a daemon out. */
export interface OfflineLedger {
  readonly ledger: Ledger;
  /** What it is read with: finds in the archives what was moved there. */
  readonly files: Files;
  /** The policy in force, from the bytes the ledger keeps. */
  readonly policy: Policy;
}

/** Hears how far the ledger is read; null when it is, or cannot be. */
export type Reading = (progress: FoldProgress | null) => void;

/**
 * Opens the ledger of a configuration, gives it to `use` and closes it again. Throws LEDGER_MISSING, LEDGER_LOCKED (the
 * daemon runs), LEDGER_DAMAGED, LEDGER_UNAVAILABLE, POLICY_NOT_IN_FORCE, FILE_UNREADABLE or PERMISSION_UNSAFE (the
 * ledger is another user's).
 */
export async function withOfflineLedger<Result>(
  config: Config,
  files: Files,
  clock: Clock,
  use: (offline: OfflineLedger) => Promise<Result>,
  progress?: Reading,
): Promise<Result> {
  const { directory, archives } = config.ledger;
  const whole = withArchives(files, directory, archives);
  const ledger = await asOwner(directory, progress, () => {
    mustOwnLedger(directory);
    return openLedger({ directory, files: whole, clock, progress });
  });
  try {
    const { policy } = await policyOf(ledger.state, files, directory);
    return await use({ ledger, files: whole, policy });
  } finally {
    await ledger.close();
  }
}

/**
 * The policy in force and the fold it comes from, read without a lock, also while the daemon runs. Throws
 * LEDGER_MISSING, LEDGER_DAMAGED, POLICY_NOT_IN_FORCE, FILE_UNREADABLE (the ledger is another user's).
 */
export async function readInForce(
  config: Config,
  files: Files,
  progress?: Reading,
): Promise<InForce & { readonly state: State }> {
  const { directory, archives } = config.ledger;
  const whole = withArchives(files, directory, archives);
  const state = await asOwner(directory, progress, () => readState(whole, directory, progress));
  return { state, ...(await policyOf(state, files, directory)) };
}

/** The ledger belongs to the daemon's user alone, and an operator is another: say so, and not only EACCES. */
async function asOwner<Result>(
  directory: string,
  progress: Reading | undefined,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (!['EACCES', 'EPERM'].includes(systemCode(cause) ?? '')) throw cause;
    throw new ChanceryError('FILE_UNREADABLE', `this user may not read the ledger in ${directory}`, {
      cause,
      hint: "run the command as the daemon's user, with sudo -u",
    });
  } finally {
    progress?.(null);
  }
}

/** The policy in force, compiled, and its exact bytes. */
export interface InForce {
  readonly policy: Policy;
  readonly bytes: Uint8Array;
}

async function policyOf(state: State, files: Files, directory: string): Promise<InForce> {
  const record = state.policy;
  const bytes = record === null ? null : await getBlob(files, directory, record.sha256);
  if (bytes === null) {
    throw new ChanceryError('POLICY_NOT_IN_FORCE', 'the ledger does not hold the policy in force', {
      hint: 'its `blobs` or its last entries are gone: restore it from a backup (docs/operations.md, Restore)',
    });
  }
  const { policy } = await loadPolicy(bytes, (sha256) => getBlob(files, directory, sha256));
  return { policy, bytes };
}
