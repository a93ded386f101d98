import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { serveLoop, type Recorder } from './loop.js';

/** Clients of ssh-agent (draft-ietf-sshm-ssh-agent): one SSH_AGENTC_SIGN_REQUEST at a time on each connection. */

const SSH_AGENTC_REQUEST_IDENTITIES = 11;
const SSH_AGENTC_SIGN_REQUEST = 13;
const SSH_AGENT_SIGN_RESPONSE = 14;

const [, , socketPath = '', messageBytes = '300'] = process.argv;

class AgentClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #answer: ((payload: Buffer) => void) | null = null;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      const length =
        this.#received.length < 4 ? Number.POSITIVE_INFINITY : this.#received.readUInt32BE(0) + 4;
      if (this.#received.length < length) return;
      const payload = this.#received.subarray(4, length);
      this.#received = this.#received.subarray(length);
      this.#answer?.(payload);
    });
  }

  ask(type: number, ...fields: readonly Buffer[]): Promise<Buffer> {
    const payload = Buffer.concat([Buffer.from([type]), ...fields]);
    this.#socket.write(text(payload));
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function text(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

async function keyBlob(client: AgentClient): Promise<Buffer> {
  const answer = await client.ask(SSH_AGENTC_REQUEST_IDENTITIES);
  return answer.subarray(9, 9 + answer.readUInt32BE(5));
}

async function signUntilOver(client: AgentClient, blob: Buffer, record: Recorder): Promise<void> {
  const message = randomBytes(Number(messageBytes));
  while (!record.over()) {
    message.writeUInt32LE((message.readUInt32LE(0) + 1) >>> 0, 0);
    const began = performance.now();
    const answer = await client.ask(SSH_AGENTC_SIGN_REQUEST, text(blob), text(message), Buffer.alloc(4));
    if (answer[0] === SSH_AGENT_SIGN_RESPONSE) record.add(began);
    else record.fail(`agent answer ${String(answer[0])}`);
  }
}

serveLoop(async ({ clients }, record) => {
  const connections = Array.from({ length: clients }, () => new AgentClient(socketPath));
  const [first] = connections;
  if (first === undefined) return;
  const blob = await keyBlob(first);
  record.begin();
  await Promise.all(connections.map((client) => signUntilOver(client, blob, record)));
  for (const client of connections) client.close();
});
