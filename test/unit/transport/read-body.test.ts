import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readBody } from '../../../src/transport/read-body.js';

it('keeps the bytes of a body and none of its chunks: half a million of one byte took 100 MB', async () => {
  const request = Object.assign(new PassThrough(), { headers: {} }) as unknown as IncomingMessage;
  const body = readBody(request, 1000);
  const chunk = Buffer.alloc(1);
  const sent = Array.from({ length: 1000 }, (_, index) => 97 + (index % 26));
  request.emit('data', Buffer.from([97]));
  for (const byte of sent.slice(1)) {
    chunk[0] = byte;
    request.emit('data', chunk);
  }
  chunk[0] = 0;
  request.emit('end');
  expect(await body).toEqual({ text: String.fromCharCode(...sent) });
});
