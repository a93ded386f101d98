import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Site } from '../../support/site/site.js';

/** A connection takes three: its socket, its process, its executable. To read that one, and the names of users, one more. */
const EACH = 4;

let site: Site;

beforeAll(async () => {
  site = await Site.make();
  await site.start();
});
afterAll(() => site.remove());

/** Leaves the daemon so many numbers that no descriptor has: the limit is one of numbers, and there are gaps. */
function leave(free: number): void {
  const used = new Set(readdirSync(`/proc/${String(site.daemonPid)}/fd`).map(Number));
  let limit = 0;
  for (let unused = 0; unused < free || used.has(limit); limit++) if (!used.has(limit)) unused++;
  limitTo(limit);
}

function limitTo(descriptors: number): void {
  execFileSync('prlimit', ['--pid', String(site.daemonPid), `--nofile=${String(descriptors)}:8192`]);
}

/** On a connection of its own: the code of the answer, `ok`, or how the connection ended. */
function ask(): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'listKeys', params: {} });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const call = request(
      { socketPath: site.signerSocket, method: 'POST', agent: false, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve(/"code":"(\w+)"/.exec(text)?.[1] ?? 'ok');
        });
      },
    );
    call.on('error', (error) => {
      resolve(error.message);
    });
    call.end(body);
  });
}

it.each([
  [
    'its executable',
    () => `unix:sha256:${createHash('sha256').update(readFileSync(process.execPath)).digest('hex')}`,
  ],
  ['the name of its user', () => `unix:user:${userInfo().username}`],
])(
  'a daemon without descriptors tells a caller known by %s that it is overloaded, not that it is somebody else',
  async (_what, selector) => {
    await site.changePolicy((text) => text.replace(/selectors: \[.*\]/, `selectors: ["${selector()}"]`));
    expect(await ask()).toBe('ok');
    const codes: string[] = [];
    for (let left = 1; left < EACH; left++) {
      // What the connection before held is free by then.
      await sleep(200);
      leave(left);
      codes.push(await ask());
    }
    limitTo(8192);
    expect(codes).toEqual(['OVERLOADED', 'OVERLOADED', 'OVERLOADED']);
    expect(await ask()).toBe('ok');
  },
);
