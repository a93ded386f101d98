import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/api.js';
import { ChanceryError } from '../../../src/core/errors.js';
import { FakeTransaction, keyList, pubkeyOf, signedReply, WALLET } from '../../support/fake-signer.js';
import { rejected } from '../../support/rejected.js';
import { testServers } from '../../support/transport.js';

const servers = testServers();
afterEach(() => servers.close());

const transaction = new FakeTransaction(0, [pubkeyOf(WALLET)]);

async function connected(
  options: Parameters<typeof servers.start>[0],
): Promise<Awaited<ReturnType<typeof connect>>> {
  const { path } = await servers.start(options);
  return connect({ socket: path });
}

/** The client against the transport that daemons use, so that neither test double hides a difference. */
describe('over the transport of the daemon', () => {
  it('a signature comes back', async () => {
    const client = await connected({
      route: ({ method }) => Promise.resolve(method === 'listKeys' ? keyList() : signedReply(transaction, 0)),
    });
    const signed = await client.signTransaction({ key: 'trading-1', transaction: transaction.bytes });
    expect(signed.request).toBe('0123456789abcdef');
    client.close();
  });

  it('a refusal comes back with its code, figures and request id; anything internal does not', async () => {
    const failure = { code: 'RATE_LIMITED', message: 'too many', limit: '5' } as const;
    const client = await connected({
      route: ({ method }) =>
        Promise.reject(
          method === 'listKeys'
            ? new ChanceryError('RATE_LIMITED', 'too many', { failures: [failure], hint: 'wait' })
            : new Error('/secret/path'),
        ),
    });
    const refused = await rejected(client.listKeys());
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', failures: [failure], hint: 'wait' });
    expect(refused.request).toMatch(/^[0-9a-f]{16}$/);
    const internal = await rejected(client.getChallenge());
    expect(internal.code).toBe('INTERNAL');
    expect(internal.message).not.toContain('secret');
    client.close();
  });

  it('a caller that is not admitted is told why', async () => {
    const { path } = await servers.start({
      admit: () => {
        throw new ChanceryError('WORKLOAD_UNKNOWN', 'no workload matches');
      },
    });
    expect((await rejected(connect({ socket: path }))).code).toBe('WORKLOAD_UNKNOWN');
  });

  it('an environment names the socket of an agent that does not', async () => {
    const { path } = await servers.start({ route: () => Promise.resolve(keyList()) });
    vi.stubEnv('CHANCERY_SOCKET', path);
    try {
      const client = await connect();
      expect(await client.listKeys()).toHaveLength(keyList().length);
      client.close();
      expect((await rejected(connect({ socket: `${path}-other` }))).message).toContain(`${path}-other`);
      vi.stubEnv('CHANCERY_SOCKET', '');
      expect((await rejected(connect())).message).toContain('/run/chancery/signer.sock');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('a request above the bound of the daemon is not one to send again; those beside it are', async () => {
    const client = await connected({
      route: ({ method }) =>
        method === 'getProof' ? new Promise(() => undefined) : Promise.resolve(keyList()),
    });
    // Of more characters, and fewer bytes.
    const small = rejected(client.getProof({ sequence: '1'.repeat(300_000) }));
    const large = rejected(
      client.explainTransaction({ key: 'trading-1', transaction: '\u20ac'.repeat(200_000) }),
    );
    const tooLarge = await large;
    expect(tooLarge.code).toBe('MALFORMED_REQUEST');
    expect(tooLarge.message).toMatch(/600\d{3} bytes/);
    expect((await small).code).toBe('DAEMON_UNREACHABLE');
    expect(await client.listKeys()).toHaveLength(keyList().length);
    client.close();
  });

  it('a hundred requests at once are all answered', async () => {
    const client = await connected({ route: ({ params }) => Promise.resolve(JSON.stringify(params)) });
    const sequences = Array.from({ length: 100 }, (_, index) => String(index));
    const proofs = await Promise.all(sequences.map((sequence) => client.getProof({ sequence })));
    expect(proofs).toEqual(sequences.map((sequence) => JSON.stringify({ sequence })));
    client.close();
  });
});
