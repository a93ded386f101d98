/** Why and where reading stopped; parsers turn it into their own error code. */
export class ReadError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'ReadError';
    this.offset = offset;
  }
}

/**
 * A bounds-checked cursor over bytes. Every read checks the remaining length first, so nothing is allocated for
 * a length that the input only claims. Returned slices are views of the input, not copies.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = start;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.end - this.#offset;
  }

  #advance(length: number, what: string): number {
    const at = this.#offset;
    if (length > this.end - at) {
      throw new ReadError(`${what} needs ${String(length)} bytes, ${String(this.end - at)} are left`, at);
    }
    this.#offset = at + length;
    return at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16le(what: string): number {
    return this.#view.getUint16(this.#advance(2, what), true);
  }

  u32le(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), true);
  }

  /** Big-endian: lengths of the SSH wire format (RFC 4251, section 5). */
  u32be(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), false);
  }

  u64le(what: string): bigint {
    return this.#view.getBigUint64(this.#advance(8, what), true);
  }

  /** A view of the next `length` bytes. */
  take(length: number, what: string): Uint8Array {
    const at = this.#advance(length, what);
    return this.bytes.subarray(at, at + length);
  }

  /** Solana compact-u16 (1 to 3 bytes, 7 bits each); only the shortest encoding is accepted. */
  compactU16(what: string): number {
    const at = this.#offset;
    let value = 0;
    for (let index = 0; index < 3; index++) {
      const byte = this.u8(what);
      value |= (byte & 0x7f) << (7 * index);
      if ((byte & 0x80) === 0) {
        if (byte === 0 && index > 0) throw new ReadError(`${what} is not in its shortest form`, at);
        if (value > 0xffff) throw new ReadError(`${what} is above 65535`, at);
        return value;
      }
    }
    throw new ReadError(`${what} is longer than 3 bytes`, at);
  }

  /** Nothing may follow. */
  finish(what: string): void {
    if (this.remaining > 0) {
      throw new ReadError(`${String(this.remaining)} bytes follow ${what}`, this.#offset);
    }
  }
}
