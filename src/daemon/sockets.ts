import type { Config } from '../config/chancery-yaml.js';
import { ExecutableDigests } from '../identity/executable-digests.js';
import { admitPeer, type Peer } from '../identity/peer.js';
import { ADMIN_METHODS } from '../protocol/admin-methods.js';
import { dispatcher } from '../protocol/dispatch.js';
import { SIGNER_METHODS } from '../protocol/signer-methods.js';
import { DEFAULT_LIMITS } from '../transport/limits.js';
import { listen, type ListenOptions, type Server } from '../transport/server.js';
import { adminRoutes, type AdminRouteParts } from './admin-routes.js';
import { transportEvent } from './events.js';
import { healthPages } from './health-pages.js';
import { observed, observer } from './observed.js';
import type { Observers } from './observers.js';
import { forOperators } from './operators.js';
import { Sessions } from './sessions.js';
import { signerRoutes, type SignerRouteParts } from './signer-routes.js';
import { socketOptions } from './socket-options.js';

/** A policy of 4 MiB and its IDLs, in base64. */
const ADMIN_REQUEST_BYTES = 16 * 1024 * 1024;

/** Opens admin.sock: methods and health pages, for the operators that chancery.yaml lists. */
export function openAdminSocket(
  config: Config,
  observers: Observers,
  parts: Omit<AdminRouteParts, 'name' | 'subscriptions'>,
): Promise<Server> {
  const { subscriptions, metrics } = observers;
  const routes = adminRoutes({ ...parts, name: config.name, subscriptions });
  const { limits, ...options } = common('admin', config, observers);
  return listen({
    ...options,
    // Operators send whole policies with the IDLs they pin.
    limits: { ...limits, maxRequestBytes: ADMIN_REQUEST_BYTES },
    route: observed(
      observer('admin', observers),
      forOperators(config.operators, dispatcher(ADMIN_METHODS, routes)),
    ),
    pages: healthPages(parts.health, metrics),
  });
}

/** Opens signer.sock, for workloads. */
export function openSignerSocket(
  config: Config,
  observers: Observers,
  parts: Omit<SignerRouteParts, 'sessions' | 'observe'>,
): Promise<Server> {
  const observe = observer('signer', observers);
  const routes = signerRoutes({ ...parts, observe, sessions: new Sessions(new ExecutableDigests()) });
  return listen({
    ...common('signer', config, observers),
    route: observed(observe, dispatcher(SIGNER_METHODS, routes)),
  });
}

function common(
  socket: 'signer' | 'admin',
  { sockets, limits }: Config,
  observers: Observers,
): Omit<ListenOptions<Peer>, 'route' | 'pages'> {
  return {
    ...socketOptions(sockets[socket]),
    admit: admitPeer,
    limits: { ...DEFAULT_LIMITS, ...limits },
    observe: transportEvent(socket, observers),
  };
}
