import { connect, type Client } from '../client/client.js';

const DEFAULT_SOCKET = '/run/chancery/signer.sock';

/** `--socket`, else CHANCERY_SOCKET, else /run/chancery/signer.sock. */
function signerSocket(option: string | undefined): string {
  const fromEnvironment = process.env['CHANCERY_SOCKET'];
  if (option !== undefined) return option;
  return fromEnvironment === undefined || fromEnvironment === '' ? DEFAULT_SOCKET : fromEnvironment;
}

/** Asks the daemon as a workload. Throws DAEMON_UNREACHABLE and the daemon's refusals. */
export async function withClient<Result>(
  socket: string | undefined,
  ask: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect({ socket: signerSocket(socket) });
  try {
    return await ask(client);
  } finally {
    client.close();
  }
}
