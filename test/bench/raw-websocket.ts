import { connect, type Socket } from 'node:net';

const TEXT_FRAME = 0x81;
const MASKED = 0x80;
/** Lengths from here on stand in two more bytes; the bench sends and receives nothing above 65,535. */
const LONG = 126;
const HEADER_BYTES = 8;

/**
 * As little of RFC 6455 as a load generator needs, so that its work on the machine it shares with what it measures is
 * small. The masking key is zero: the daemon unmasks all the same.
 */
export class RawWebSocket {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  onMessage: (payload: Buffer) => void = () => undefined;
  onClose: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(path: string): Promise<RawWebSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const opened = new RawWebSocket(socket);
      socket.once('error', reject);
      socket.once('data', (head) => {
        const end = head.indexOf('\r\n\r\n');
        if (!head.toString('latin1').startsWith('HTTP/1.1 101 ') || end < 0) {
          reject(new Error('the daemon did not upgrade to a WebSocket'));
          return;
        }
        socket.on('data', (chunk) => {
          opened.#receive(chunk);
        });
        opened.#receive(head.subarray(end + 4));
        resolve(opened);
      });
      socket.once('close', () => {
        opened.onClose();
      });
      socket.write(
        'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    });
  }

  /** ASCII of 126 to 65,535 characters. */
  send(text: string): void {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + text.length);
    frame[0] = TEXT_FRAME;
    frame[1] = MASKED | LONG;
    frame.writeUInt16BE(text.length, 2);
    frame.writeUInt32BE(0, 4);
    frame.write(text, HEADER_BYTES, 'latin1');
    this.#socket.write(frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    let rest = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const long = rest[1] === LONG;
      const start = long ? 4 : 2;
      if (rest.length < start) break;
      const length = long ? rest.readUInt16BE(2) : (rest[1] ?? 0);
      if (rest.length < start + length) break;
      // Pings and the like only come to connections that are silent.
      if (rest[0] === TEXT_FRAME) this.onMessage(rest.subarray(start, start + length));
      rest = rest.subarray(start + length);
    }
    this.#received = rest;
  }
}
