import { ChanceryError } from './errors.js';

/** `sun_path` of sockaddr_un(7) has 108 bytes, the last of which is zero; libuv cuts longer paths in silence. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Throws PATH_TOO_LONG when a Unix socket cannot have this path, or that under which it is `made` before it is moved
 * there: told of is the one that somebody chose.
 */
export function checkSocketPath(path: string, made = path): void {
  const bytes = Math.max(Buffer.byteLength(path), Buffer.byteLength(made));
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new ChanceryError(
    'PATH_TOO_LONG',
    `the socket path ${path} needs ${String(bytes)} bytes, a Unix socket has room for ${String(MAX_SOCKET_PATH_BYTES)}`,
    { hint: 'use a directory with a shorter path, for example /run/chancery' },
  );
}
