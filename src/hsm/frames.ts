/**
 * Frames between the daemon and its HSM host: u32 length of what follows, u8 type, body; little-endian. Signing
 * is binary, because JSON and base64 of every message would cost a quarter of the throughput; everything else is
 * rare and JSON.
 */
export const FRAME_SIGN = 1;
export const FRAME_SIGNATURE = 2;
export const FRAME_SIGN_FAILED = 3;
export const FRAME_COMMAND = 4;
export const FRAME_REPLY = 5;
export const FRAME_EVENT = 6;

const HEADER = 5;
/** Enough for the attributes of a thousand keys; a longer frame is a broken or hostile peer. */
const MAX_BODY = 4 * 1024 * 1024;
/** The longest message the host is asked to sign; transactions have 1232 bytes, checkpoints a few hundred. */
export const MAX_MESSAGE = 64 * 1024;
export const SIGNATURE_BYTES = 64;

export interface Frame {
  readonly type: number;
  /** A view of the chunk it came in. */
  readonly body: Buffer;
}

export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** Cuts a byte stream into frames. Throws FrameError on a length no honest peer sends, before allocating for it. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Call before the memory of the last chunk is used again: copies what is left of it. */
  keep(): void {
    if (this.#pending.length > 0) this.#pending = Buffer.from(this.#pending);
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  /** The next whole frame, or null when more bytes are needed. */
  next(): Frame | null {
    const pending = this.#pending;
    if (pending.length < HEADER) return null;
    const length = pending.readUInt32LE(0) - 1;
    if (length < 0 || length > MAX_BODY) throw new FrameError(`a frame claims ${String(length)} bytes`);
    const end = HEADER + length;
    if (pending.length < end) return null;
    this.#pending = pending.subarray(end);
    return { type: pending.readUInt8(4), body: pending.subarray(HEADER, end) };
  }
}

export function encodeFrame(type: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + body.length);
  frame.writeUInt32LE(body.length + 1, 0);
  frame.writeUInt8(type, 4);
  frame.set(body, HEADER);
  return frame;
}

export function encodeJsonFrame(type: number, value: unknown): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(value), 'utf8'));
}

/** `handle`: position of the key in the host's list. */
export function encodeSign(id: number, handle: number, message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + 6 + message.length);
  frame.writeUInt32LE(7 + message.length, 0);
  frame.writeUInt8(FRAME_SIGN, 4);
  frame.writeUInt32LE(id, 5);
  frame.writeUInt16LE(handle, 9);
  frame.set(message, 11);
  return frame;
}

export function decodeSign(body: Buffer): {
  readonly id: number;
  readonly handle: number;
  readonly message: Buffer;
} {
  if (body.length < 6) throw new FrameError('a sign frame is too short');
  return { id: body.readUInt32LE(0), handle: body.readUInt16LE(4), message: body.subarray(6) };
}

export function encodeSignature(id: number, signature: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + 4 + SIGNATURE_BYTES);
  frame.writeUInt32LE(5 + SIGNATURE_BYTES, 0);
  frame.writeUInt8(FRAME_SIGNATURE, 4);
  frame.writeUInt32LE(id, 5);
  frame.set(signature, 9);
  return frame;
}

/** The signature is a copy: it outlives the receive buffer. */
export function decodeSignature(body: Buffer): { readonly id: number; readonly signature: Uint8Array } {
  if (body.length !== 4 + SIGNATURE_BYTES) throw new FrameError('a signature frame has the wrong length');
  return { id: body.readUInt32LE(0), signature: Uint8Array.prototype.slice.call(body, 4) };
}

/** `returnValue`: the CK_RV, or 0 when the failure was not the module's. */
export function encodeSignFailed(id: number, returnValue: number): Buffer {
  const body = Buffer.allocUnsafe(8);
  body.writeUInt32LE(id, 0);
  body.writeUInt32LE(returnValue >>> 0, 4);
  return encodeFrame(FRAME_SIGN_FAILED, body);
}

export function decodeSignFailed(body: Buffer): { readonly id: number; readonly returnValue: number } {
  if (body.length !== 8) throw new FrameError('a failure frame has the wrong length');
  return { id: body.readUInt32LE(0), returnValue: body.readUInt32LE(4) };
}
