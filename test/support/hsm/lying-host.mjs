// An HSM host without a module: it holds one key made of the seed LIE_SEED (hex), and signs with it, but answers the
// first request of its first life (there is no file LIE_TOLD yet) with the LIE it is told to.
import process from 'node:process';
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import * as frames from '../../../dist/hsm/frames.js';
import { proofMessage } from '../../../dist/hsm/host-protocol.js';
import { BlockingChannel } from '../../../dist/hsm/pkcs11/blocking-channel.js';

const { LIE, LIE_SEED = '', LIE_TOLD = '' } = process.env;
const der = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.from(LIE_SEED, 'hex'),
]);
const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const channel = new BlockingChannel(3);
const json = (type, value) => frames.encodeJsonFrame(type, value);
const running = json(frames.FRAME_EVENT, { type: 'running' });
let started = running;

/** Frames in place of the answer to request `id`. */
const LIES = {
  'another request': (id) => [frames.encodeSignature(id + 7, Buffer.alloc(64, 1))],
  twice: (id) => [
    frames.encodeSignature(id, Buffer.alloc(64, 1)),
    frames.encodeSignature(id, Buffer.alloc(64, 1)),
  ],
  'half a signature': () => [frames.encodeFrame(frames.FRAME_SIGNATURE, Buffer.alloc(36))],
  'a start nobody asked for': () => [started],
  'that it begins': () => [running],
  'no JSON': () => [frames.encodeFrame(frames.FRAME_REPLY, Buffer.from('{'))],
  'an unknown event': () => [json(frames.FRAME_EVENT, { type: 'elsewhere' })],
  'an unknown frame': () => [frames.encodeFrame(99, Buffer.alloc(1))],
  '4 GB': () => [Buffer.from('ffffffff01', 'hex')],
};

function answer(frame) {
  if (frame.type === frames.FRAME_COMMAND) {
    const { login, nonce } = JSON.parse(frame.body.toString());
    const proof = sign(null, proofMessage(Buffer.from(nonce, 'hex')), key).toString('hex');
    const keys = [{ objectId: '01', findings: [], proof }];
    const blank = '00'.repeat(32);
    started = json(frames.FRAME_REPLY, {
      ok: true,
      identity: login.pinned,
      moduleSha256: blank,
      accepted: blank,
      keys,
    });
    return [started];
  }
  const { id, message } = frames.decodeSign(frame.body);
  if (existsSync(LIE_TOLD)) return [frames.encodeSignature(id, sign(null, message, key))];
  if (LIE === 'dies, its helper lives') {
    // What a module forks has copies of the descriptors of its host.
    const helper = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'inherit', 3], detached: true });
    writeFileSync(LIE_TOLD, String(helper.pid));
    process.kill(process.pid, 'SIGKILL');
  }
  writeFileSync(LIE_TOLD, '');
  return LIES[LIE](id);
}

channel.queue(running);
do {
  for (let frame = channel.arrived(); frame !== null; frame = channel.arrived()) {
    for (const each of answer(frame)) channel.queue(each);
  }
  channel.flush();
} while (channel.wait());
