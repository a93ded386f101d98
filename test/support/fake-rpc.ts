import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An RPC endpoint on the loopback interface. What it says is the test's; by default one account at slot 100. */
export class FakeRpc {
  readonly #server: Server;
  /** Bodies of the requests. */
  readonly asked: unknown[] = [];
  value: unknown = null;
  slot = 100;
  /** Instead of the answer. */
  answer: ((response: ServerResponse) => void) | null = null;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly id: unknown };
        this.asked.push(body);
        if (this.answer !== null) {
          this.answer(response);
          return;
        }
        const result = { context: { apiVersion: '3.0.0', slot: this.slot }, value: this.value };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, result }));
      });
    });
  }

  static async start(): Promise<FakeRpc> {
    const rpc = new FakeRpc();
    await new Promise<void>((resolve) => rpc.#server.listen(0, '127.0.0.1', resolve));
    return rpc;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/?api-key=s3cret`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
