import { connect, type Client } from '../client/client.js';

/** Asks the daemon as a workload. Throws DAEMON_UNREACHABLE and the daemon's refusals. */
export async function withClient<Result>(
  socket: string | undefined,
  ask: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect({ socket });
  try {
    return await ask(client);
  } finally {
    client.close();
  }
}
