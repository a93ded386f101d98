import { request } from 'node:http';

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: string; readonly failures: readonly Record<string, unknown>[] };
}

export type RpcAnswer<Result> =
  { readonly ok: true; readonly result: Result } | { readonly ok: false; readonly error: RpcError };

/** One JSON-RPC call over HTTP on a Unix socket; rejects when the connection breaks. */
export async function rpc<Result>(
  socketPath: string,
  method: string,
  params: Record<string, unknown> = {},
): Promise<RpcAnswer<Result>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request({ socketPath, method: 'POST', path: '/', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(Buffer.concat(chunks).toString());
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
  const answer = JSON.parse(text) as { result?: Result; error?: RpcError };
  if (answer.error !== undefined) return { ok: false, error: answer.error };
  return { ok: true, result: answer.result as Result };
}
