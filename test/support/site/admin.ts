import { request } from 'node:http';
import { rpc, type RpcAnswer } from './rpc.js';
import type { Site } from './site.js';

/** What `getStatus` says of health. */
export interface Status {
  readonly ready: boolean;
  readonly problems: readonly string[];
  readonly ledger: { readonly size: number; readonly head: string; readonly unavailable: string | null };
  readonly keys: readonly { readonly id: string; readonly state: string }[];
  readonly freezes: readonly {
    readonly hash: string;
    readonly key: string | null;
    readonly reason: string;
  }[];
  readonly open: readonly string[];
}

export async function status(site: Site): Promise<Status> {
  const answer = await rpc<Status>(site.adminSocket, 'getStatus');
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}

/** One page of the admin socket, such as `/readyz`. */
export function page(site: Site, path: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: site.adminSocket, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}

export interface Frozen {
  readonly entry: { readonly sequence: string; readonly hash: string };
}

export function freeze(site: Site, reason: string, key?: string): Promise<RpcAnswer<Frozen>> {
  return rpc<Frozen>(site.adminSocket, 'freeze', { reason, ...(key === undefined ? {} : { key }) });
}
