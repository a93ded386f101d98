import type { Config } from '../config/chancery-yaml.js';
import type { Clock } from '../core/clock.js';
import { verifyStrict } from '../core/ed25519.js';
import { Snapshots } from '../ledger/snapshot/snapshots.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { health } from '../operations/health.js';
import type { Log } from '../operations/log.js';
import { sodiumVerifier } from '../os/sodium.js';
import { ClockGuard } from '../signing/clock-guard.js';
import { Denials } from '../signing/denials.js';
import type { Path } from '../signing/path.js';
import { Policies } from '../signing/policies.js';
import { startCheckpoints } from './checkpoints.js';
import { Closing } from './closing.js';
import { deriveScopes } from './derive-scopes.js';
import { signedEvent, tokenEvent } from './events.js';
import { keyDesk } from './key-desk.js';
import { noteKeyOf } from './ledger-key.js';
import { loadPolicyInForce } from './load-policy.js';
import { newObservers } from './observers.js';
import { openAnchors } from './open-anchors.js';
import { openOwnLedger } from './own-ledger.js';
import { probes } from './probes.js';
import { RecentSignatures } from './recent-signatures.js';
import { addSignedBefore } from './signed-before.js';
import { SnapshotLoop } from './snapshot-loop.js';
import { SnapshotThread } from './snapshot-thread.js';
import { openAdminSocket, openSignerSocket } from './sockets.js';
import { Run } from './start-stop.js';
import { statementDesk, type StatementDesk } from './statement-desk.js';
import { Tokens } from './tokens.js';
import { startWatch } from './watch.js';

export interface Composition {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** The compiled PKCS#11 host. */
  readonly hostScript: string;
  /** Told after each entry that is folded at the start; null when that has ended. */
  readonly folding?: ((progress: FoldProgress | null) => void) | undefined;
}

export interface Daemon {
  readonly origin: string;
  stop(reason: string): Promise<void>;
}

/** How long requests in flight may take to end at a stop, in milliseconds. */
const DRAIN_MS = 10_000;

/**
 * Builds everything in the order in which one part needs the other; the one place that knows all parts. What was
 * opened is closed in reverse, at a stop or when a later part cannot start.
 */
export async function compose({ config, log, clock, hostScript, folding }: Composition): Promise<Daemon> {
  const closing = new Closing(log);
  const stop = (reason: string): Promise<void> => closing.close(reason);
  try {
    const observers = newObservers(log);
    const guard = new ClockGuard(clock);

    const own = await openOwnLedger(config.ledger, { clock: guard, observers, folding });
    const { ledger } = own;
    closing.push(() => ledger.close());
    const recent = new RecentSignatures();
    await addSignedBefore(recent, { ...own, clock: guard, log });

    const policy = await loadPolicyInForce(config.policy, ledger);
    const policies = new Policies(policy);
    await deriveScopes(policy.book, ledger.state.allAttestations(guard.latest()));
    const tokens = await Tokens.start({ config, hostScript, report: tokenEvent(observers) }, policy);
    closing.push(() => tokens.close());

    // Before anything is appended: what the Sovereign may have to accept is the ledger as it was found.
    const key = noteKeyOf(ledger);
    const anchors = await openAnchors(own, { clock: guard, key, tokens, policies });
    /** For all but freezes and revocations. */
    const mayAppend = (): boolean => anchors.rollback === null;
    const denials = new Denials(ledger);
    const run = new Run({ ledger, denials }, tokens, log);
    const path: Path = {
      ledger,
      policies,
      signer: tokens,
      verify: sodiumVerifier() ?? verifyStrict,
      clock: guard,
      denials,
      stops: () => anchors.stops() ?? run.stops(),
      dailyBytesPerUid: config.ledger.dailyBytesPerUid,
    };
    if (mayAppend()) await run.start();

    const checkpoints = await startCheckpoints(own, {
      path,
      key,
      tokens,
      anchors,
      begin: () => run.start(),
      intervalMs: config.ledger.checkpointInterval,
      log,
    });
    closing.push(() => checkpoints.stop());
    closing.push((reason) => run.stop(reason));
    // Where the policy requires anchors, nothing is signed before they hold a checkpoint.
    if (policy.anchors.length > 0) await checkpoints.now();

    const thread = new SnapshotThread(own.directory, own.archives);
    const snapshots = new SnapshotLoop({
      snapshots: new Snapshots({ ...own, work: thread }),
      thread,
      mayAppend,
      log,
    });
    // After the sockets: it may have to wait for a file system, and nothing is to be signed meanwhile.
    closing.push(() => snapshots.stop());

    const desk = statementDesk(path, tokens, () => anchors.rollback);
    const submit: StatementDesk = async (envelope, blobs) => {
      const accepted = await desk(envelope, blobs);
      if (accepted.kind === 'accept-rollback') await run.start();
      if (accepted.kind === 'accept-rollback' || accepted.kind === 'policy') await checkpoints.now();
      return accepted;
    };
    const admin = await openAdminSocket(config, observers, {
      path,
      recent,
      health: () => health(probes({ path, tokens, checkpoints, anchors, snapshots })),
      submit,
      keys: keyDesk({ path, config, hostScript, mayAppend }),
      tokens: () => tokens.all(),
      mayAppend,
    });
    closing.push(() => admin.close(DRAIN_MS));
    const signed = signedEvent(observers, guard, recent);
    const signer = await openSignerSocket(config, observers, {
      path,
      submit,
      signed,
      prove: checkpoints.prove,
    });
    closing.push(() => signer.close(DRAIN_MS));
    const watch = startWatch(path, log);
    closing.push(() => watch.stop());
    snapshots.start();
    return { origin: ledger.origin, stop };
  } catch (error) {
    // Why it cannot start is what somebody has to read; what does not close besides is in the log.
    await stop('the start failed').catch(() => undefined);
    throw error;
  }
}
