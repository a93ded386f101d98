import { lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ledgerOwner } from '../ceremony/ledger-owner.js';
import { RpcSession } from '../client/rpc-session.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';
import { ADMIN_METHODS, type AdminMethods } from '../protocol/admin-methods.js';
import type { OperatorOptions } from './arguments.js';

export type AdminSession = RpcSession<AdminMethods>;

/**
 * Asks the daemon on its admin socket, whose path comes from `--socket` or the configuration. Throws USAGE when
 * neither is given, PERMISSION_UNSAFE when the socket may be somebody else's, DAEMON_UNREACHABLE, TIMEOUT.
 */
export async function withAdmin<Result>(
  options: OperatorOptions,
  ask: (session: AdminSession) => Promise<Result>,
): Promise<Result> {
  const socket = adminSocket(options);
  await checkOwner(socket, options);
  let session: AdminSession | null = null;
  try {
    session = await RpcSession.open(ADMIN_METHODS, { socket });
    return await ask(session);
  } catch (error) {
    throw error instanceof ChanceryError && error.code === 'TIMEOUT' ? noAnswer(error) : error;
  } finally {
    session?.close();
  }
}

/** What the client library advises is for agents: to repeat a command of an operator is not always harmless. */
function noAnswer(error: ChanceryError): ChanceryError {
  return new ChanceryError('TIMEOUT', error.message, {
    cause: error,
    hint: 'it may still be carried out when the daemon answers again: `chancery ledger tail` shows what was. To end all signing meanwhile, stop the daemon',
  });
}

/** Whether the daemon may well run, and only this user is not let in. */
export function mayNot(cause: unknown): boolean {
  const code = systemCode(cause);
  return code === 'EACCES' || code === 'EPERM';
}

function adminSocket({ socket, config }: OperatorOptions): string {
  if (socket !== undefined) return resolve(socket);
  if (config !== undefined) return loadConfig(config).sockets.admin.path;
  throw new ChanceryError('USAGE', 'say which daemon: --config FILE or --socket PATH');
}

/**
 * Who listens at a path is whoever could make a file there. A stranger's socket would take an operator's statements
 * and answer that all is well: so the directory must be its owner's alone, the socket of that owner or root, and with
 * a configuration the owner of the ledger.
 */
async function checkOwner(socket: string, { config }: OperatorOptions): Promise<void> {
  const directory = dirname(socket);
  let found: { readonly uid: number };
  let parent: { readonly uid: number; readonly mode: number };
  try {
    const status = await lstat(socket);
    if (!status.isSocket()) throw unsafe(`${socket} is not a socket`);
    found = status;
    parent = await stat(directory);
  } catch (cause) {
    if (cause instanceof ChanceryError) throw cause;
    throw new ChanceryError(
      'DAEMON_UNREACHABLE',
      `no daemon listens at ${socket} (${systemCode(cause) ?? '?'})`,
      {
        cause,
        hint: mayNot(cause)
          ? 'this user may not go there: join the group of operators, or act as the user of the daemon'
          : 'start it with `chancery serve --config FILE`',
      },
    );
  }
  if ((parent.mode & 0o002) !== 0)
    throw unsafe(`anybody can write in ${directory}, where the admin socket is`);
  if (found.uid !== 0 && found.uid !== parent.uid) {
    throw unsafe(`${socket} belongs to uid ${String(found.uid)}, its directory to uid ${String(parent.uid)}`);
  }
  if (config === undefined) return;
  // An operator may not look at it everywhere.
  const owner = ledgerOwner(loadConfig(config).ledger.directory);
  if (owner !== null && owner !== found.uid) {
    throw unsafe(`${socket} belongs to uid ${String(found.uid)}, the ledger to uid ${String(owner)}`);
  }
}

function unsafe(message: string): ChanceryError {
  return new ChanceryError('PERMISSION_UNSAFE', message, {
    hint: 'the daemon must own the directory of its sockets, and nobody else may write there',
  });
}
