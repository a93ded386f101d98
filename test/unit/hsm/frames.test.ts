import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSign,
  decodeSignature,
  decodeSignFailed,
  encodeFrame,
  encodeSign,
  encodeSignature,
  encodeSignFailed,
  FRAME_EVENT,
  FRAME_SIGN,
  FRAME_SIGN_FAILED,
  FRAME_SIGNATURE,
  FrameError,
  FrameReader,
} from '../../../src/hsm/frames.js';

function read(bytes: Buffer): { type: number; body: Buffer }[] {
  const reader = new FrameReader();
  reader.push(bytes);
  const frames = [];
  for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
  return frames;
}

describe('frames', () => {
  it('carry a request, a signature and a failure', () => {
    const [request] = read(encodeSign(0xffffffff, 513, Buffer.from('message')));
    expect(request?.type).toBe(FRAME_SIGN);
    expect(decodeSign(request!.body)).toEqual({
      id: 0xffffffff,
      handle: 513,
      message: Buffer.from('message'),
    });
    const [signature] = read(encodeSignature(7, Buffer.alloc(64, 9)));
    expect(signature?.type).toBe(FRAME_SIGNATURE);
    expect(decodeSignature(signature!.body)).toEqual({ id: 7, signature: Buffer.alloc(64, 9) });
    const [failed] = read(encodeSignFailed(8, 0x80000123));
    expect(failed?.type).toBe(FRAME_SIGN_FAILED);
    expect(decodeSignFailed(failed!.body)).toEqual({ id: 8, returnValue: 0x80000123 });
  });

  it('come out the same however the stream is cut, also when the memory of a chunk is used again', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map((body) => encodeFrame(FRAME_EVENT, body)));
        const reader = new FrameReader();
        const memory = Buffer.alloc(64);
        const received: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = Math.min(cuts[turn % cuts.length]!, stream.length - at);
          reader.keep();
          memory.fill(0xee);
          stream.copy(memory, 0, at, at + size);
          reader.push(memory.subarray(0, size));
          at += size;
          for (let frame = reader.next(); frame !== null; frame = reader.next())
            received.push(Buffer.from(frame.body));
        }
        expect(received).toEqual(sent.map((body) => Buffer.from(body)));
      }),
    );
  });

  it('a signature outlives the chunk it came in', () => {
    const bytes = encodeSignature(1, Buffer.alloc(64, 9));
    const [frame] = read(bytes);
    const { signature } = decodeSignature(frame!.body);
    bytes.fill(0);
    expect(Buffer.from(signature)).toEqual(Buffer.alloc(64, 9));
  });

  it.each([0, 0xffffffff, 5 * 1024 * 1024])(
    'refuse a claimed length of %i before waiting for it',
    (length) => {
      const header = Buffer.alloc(5);
      header.writeUInt32LE(length, 0);
      expect(() => read(header)).toThrow(FrameError);
    },
  );

  it('refuse bodies of the wrong length', () => {
    expect(() => decodeSign(Buffer.alloc(5))).toThrow(FrameError);
    expect(() => decodeSignature(Buffer.alloc(67))).toThrow(FrameError);
    expect(() => decodeSignature(Buffer.alloc(69))).toThrow(FrameError);
    expect(() => decodeSignFailed(Buffer.alloc(7))).toThrow(FrameError);
  });
});
