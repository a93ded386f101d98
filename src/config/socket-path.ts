import { ChanceryError } from '../core/errors.js';

/** `sun_path` of sockaddr_un(7) has 108 bytes, the last of which is zero. Longer paths are cut in silence by some. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Throws PATH_TOO_LONG when a Unix socket cannot have this absolute path. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new ChanceryError(
    'PATH_TOO_LONG',
    `the socket path ${path} has ${String(bytes)} bytes, at most ${String(MAX_SOCKET_PATH_BYTES)} fit`,
    { hint: 'use a directory with a shorter path' },
  );
}
