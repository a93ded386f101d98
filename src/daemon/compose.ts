import { mustOwnLedger } from '../ceremony/ledger-owner.js';
import type { Config } from '../config/chancery-yaml.js';
import type { Clock } from '../core/clock.js';
import { verifyStrict } from '../core/ed25519.js';
import type { ChanceryError } from '../core/errors.js';
import { ExecutableDigests } from '../identity/executable-digests.js';
import { admitPeer, type Peer } from '../identity/peer.js';
import { Anchors } from '../ledger/anchors/anchors.js';
import { Checkpointer } from '../ledger/checkpoint/checkpointer.js';
import type { SnapshotId } from '../ledger/snapshot/snapshot-files.js';
import { Snapshots } from '../ledger/snapshot/snapshots.js';
import { withArchives } from '../ledger/store/archived-files.js';
import { openLedger } from '../ledger/store/open.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { proveEntry } from '../ledger/tiles/prove-entry.js';
import { Tiles } from '../ledger/tiles/tiles.js';
import { health, type HealthReport } from '../operations/health.js';
import type { Log } from '../operations/log.js';
import { Metrics } from '../operations/metrics.js';
import { nodeFiles } from '../os/files.js';
import { sodiumVerifier } from '../os/sodium.js';
import { ADMIN_METHODS } from '../protocol/admin-methods.js';
import { dispatcher } from '../protocol/dispatch.js';
import { SIGNER_METHODS } from '../protocol/signer-methods.js';
import { ClockGuard } from '../signing/clock-guard.js';
import { Denials } from '../signing/denials.js';
import type { Path } from '../signing/path.js';
import { Policies } from '../signing/policies.js';
import { DEFAULT_LIMITS } from '../transport/limits.js';
import { listen } from '../transport/server.js';
import { adminRoutes } from './admin-routes.js';
import { startCheckpointLoop } from './checkpoint-loop.js';
import { Closing } from './closing.js';
import { COUNTED_EVENTS } from './counted-events.js';
import { deriveScopes } from './derive-scopes.js';
import { healthPages } from './health-pages.js';
import { entryEvent, ledgerEvent, signedEvent, tokenEvent, transportEvent } from './events.js';
import { keyDesk } from './key-desk.js';
import { checkpointSigner, latchLedgerKey, ledgerKeyRefuses, noteKeyOf } from './ledger-key.js';
import { loadPolicyInForce } from './load-policy.js';
import { observed, observer } from './observed.js';
import { forOperators } from './operators.js';
import { probes } from './probes.js';
import { RecentSignatures } from './recent-signatures.js';
import { Sessions } from './sessions.js';
import { addSignedBefore } from './signed-before.js';
import { ONE_OF_SEVERAL, signerRoutes } from './signer-routes.js';
import { Subscriptions } from './subscriptions.js';
import { Tokens } from './tokens.js';
import { SnapshotLoop } from './snapshot-loop.js';
import { SnapshotThread } from './snapshot-thread.js';
import { startWatch } from './watch.js';
import { ownRoots } from './own-root.js';
import { requiredAnchors } from './required-anchors.js';
import { Run } from './start-stop.js';
import { socketOptions } from './socket-options.js';
import { statementDesk, type StatementDesk } from './statement-desk.js';

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
/** A policy of 4 MiB and its IDLs, in base64. */
const ADMIN_REQUEST_BYTES = 16 * 1024 * 1024;

/**
 * Builds everything in the order in which one part needs the other; the one place that knows all parts. What was
 * opened is closed in reverse, at a stop or when a later part cannot start.
 */
export async function compose({ config, log, clock, hostScript, folding }: Composition): Promise<Daemon> {
  const closing = new Closing(log);
  const stop = (reason: string): Promise<void> => closing.close(reason);
  try {
    const metrics = new Metrics({
      events: COUNTED_EVENTS,
      methods: {
        signer: [...Object.keys(SIGNER_METHODS), ONE_OF_SEVERAL],
        admin: Object.keys(ADMIN_METHODS),
      },
    });
    const subscriptions = new Subscriptions();
    const guard = new ClockGuard(clock);
    const events = { log, metrics, subscriptions };

    const { directory, archives } = config.ledger;
    mustOwnLedger(directory);
    const files = withArchives(nodeFiles(), directory, archives);
    const heard = ledgerEvent(events);
    let opened: SnapshotId | null = null;
    const ledger = await openLedger({
      directory,
      files,
      clock: guard,
      fromSnapshot: true,
      progress: folding,
      report: (event) => {
        if (event.type === 'restored') opened = { size: event.size, sha256: event.sha256 };
        heard(event);
      },
      appended: entryEvent(events),
    }).finally(() => folding?.(null));
    closing.push(() => ledger.close());
    const recent = new RecentSignatures();
    await addSignedBefore(recent, { ledger, files, directory, clock: guard, log });
    const policy = await loadPolicyInForce(config.policy, ledger);
    const policies = new Policies(policy);
    await deriveScopes(policy.book, ledger.state.allAttestations(guard.latest()));
    const tokens = await Tokens.start({ config, hostScript, report: tokenEvent(events) }, policy);
    closing.push(() => tokens.close());
    const denials = new Denials(ledger);
    const { dailyBytesPerUid } = config.ledger;
    const key = noteKeyOf(ledger);
    // Before anything is appended: what the Sovereign may have to accept is the ledger as it was found.
    const anchors = await Anchors.open({
      ledger,
      clock: guard,
      required: requiredAnchors({
        files,
        directory,
        tokens,
        key,
        inForce: () => policies.inForce(ledger.state),
      }),
      rootAt: await ownRoots(ledger, files, directory, key),
    });
    const run = new Run({ ledger, denials }, tokens, log);
    const path: Path = {
      ledger,
      policies,
      signer: tokens,
      verify: sodiumVerifier() ?? verifyStrict,
      clock: guard,
      denials,
      anchors: { stops: () => anchors.stops() ?? run.stops() },
      dailyBytesPerUid,
    };
    if (anchors.rollback === null) await run.start();

    const tiles = new Tiles(files, directory);
    const refuses = (): ChanceryError | null =>
      anchors.rollback === null ? ledgerKeyRefuses(path) : anchors.stops();
    const checkpointer = await Checkpointer.resume({
      ledger,
      files,
      directory,
      clock: guard,
      key,
      sign: checkpointSigner(path, tokens, refuses),
      refuses,
      faulty: () => latchLedgerKey(path),
      published: (checkpoint, taken) => {
        anchors.publish(checkpoint, taken);
        const { size, root } = checkpoint;
        // Beside the path of requests: a proof waits for its tiles, nothing else does.
        tiles.extend(size, root).catch((error: unknown) => {
          log.error('tiles_failed', { message: String(error) });
        });
      },
    });
    const checkpoints = startCheckpointLoop({
      checkpointer,
      anchors,
      begin: () => run.start(),
      intervalMs: config.ledger.checkpointInterval,
      log,
    });
    closing.push(() => checkpoints.stop());
    closing.push((reason) => run.stop(reason));
    // Where the policy requires anchors, nothing is signed before they hold a checkpoint.
    if (policy.anchors.length > 0) await checkpoints.now();

    // Nothing is appended to a ledger that the Sovereign may have to accept as it was found.
    const mayAppend = (): boolean => anchors.rollback === null;
    const thread = new SnapshotThread(directory, archives);
    const snapshots = new Snapshots({ ledger, files, directory, work: thread, opened });
    const snapshotLoop = new SnapshotLoop({ snapshots, thread, mayAppend, log });
    // After the sockets: it may have to wait for a file system, and nothing is to be signed meanwhile.
    closing.push(() => snapshotLoop.stop());
    const ailments = (): HealthReport =>
      health(probes({ path, tokens, checkpointer, anchors, snapshots: snapshotLoop }));
    const desk = statementDesk(path, tokens, () => anchors.rollback);
    const submit: StatementDesk = async (envelope, blobs) => {
      const accepted = await desk(envelope, blobs);
      if (accepted.kind === 'accept-rollback') await run.start();
      if (accepted.kind === 'accept-rollback' || accepted.kind === 'policy') await checkpoints.now();
      return accepted;
    };
    const signerRoute = dispatcher(
      SIGNER_METHODS,
      signerRoutes({
        path,
        sessions: new Sessions(new ExecutableDigests()),
        submit,
        prove: async (sequence) => proveEntry(tiles, await checkpointer.covering(sequence), sequence),
        signed: signedEvent(events, guard, recent),
        observe: observer('signer', events),
      }),
    );
    const adminRoute = dispatcher(
      ADMIN_METHODS,
      adminRoutes({
        path,
        name: config.name,
        recent,
        subscriptions,
        health: ailments,
        submit,
        keys: keyDesk({ path, config, hostScript, mayAppend }),
        tokens: () => tokens.all(),
        mayAppend,
      }),
    );
    const { sockets } = config;
    const limits = { ...DEFAULT_LIMITS, ...config.limits };
    const admin = await listen<Peer>({
      ...socketOptions(sockets.admin),
      admit: admitPeer,
      // Operators send whole policies with the IDLs they pin.
      limits: { ...limits, maxRequestBytes: ADMIN_REQUEST_BYTES },
      route: observed(observer('admin', events), forOperators(config.operators, adminRoute)),
      observe: transportEvent('admin', events),
      pages: healthPages(ailments, metrics),
    });
    closing.push(() => admin.close(DRAIN_MS));
    const signer = await listen<Peer>({
      ...socketOptions(sockets.signer),
      admit: admitPeer,
      limits,
      route: observed(observer('signer', events), signerRoute),
      observe: transportEvent('signer', events),
    });
    closing.push(() => signer.close(DRAIN_MS));
    const watch = startWatch(path, log);
    closing.push(() => watch.stop());
    snapshotLoop.start();
    return { origin: ledger.origin, stop };
  } catch (error) {
    // Why it cannot start is what somebody has to read; what does not close besides is in the log.
    await stop('the start failed').catch(() => undefined);
    throw error;
  }
}
