import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sign as signEd25519 } from 'node:crypto';
import { parseAddress, pubkeyBytes } from '../../src/core/pubkey.js';
import { parseCheckpoint } from '../../src/ledger/note/checkpoint.js';
import { cosignedMessage } from '../../src/ledger/note/cosignature.js';
import { noteKey, type NoteKey } from '../../src/ledger/note/key.js';
import { formatVkey } from './format-vkey.js';
import { formatSignatureLine } from '../../src/ledger/note/note.js';
import { verifyNote } from '../../src/ledger/note/verify-note.js';
import { verifyConsistency } from '../../src/ledger/tree/verify-consistency.js';
import { namedKey } from './policy-text.js';

/** A witness on the loopback interface that does what C2SP tlog-witness asks of one. */
export class FakeWitness {
  readonly name: string;
  readonly key: NoteKey;
  readonly #log: NoteKey;
  readonly #server: Server;
  #seen: { readonly size: number; readonly root: Uint8Array } = { size: 0, root: Buffer.alloc(0) };
  /** Status of each answer. */
  readonly answers: number[] = [];
  /** Seconds. */
  now = 1_700_000_000;
  lies = false;
  /** Answers 409 to whatever continues what it has seen. */
  refuses = false;
  #port = 0;

  private constructor(name: string, log: NoteKey) {
    this.name = name;
    this.#log = log;
    this.key = noteKey(
      `witness.test/${name}`,
      'cosignature/v1',
      pubkeyBytes(parseAddress(namedKey(name).address)!),
    )!;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.#answer(request.url ?? '', Buffer.concat(chunks).toString());
        this.answers.push(status);
        response.writeHead(status, { 'content-type': status === 409 ? 'text/x.tlog.size' : 'text/plain' });
        response.end(body);
      });
    });
  }

  static async start(name: string, log: NoteKey): Promise<FakeWitness> {
    const witness = new FakeWitness(name, log);
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve));
    witness.#port = (witness.#server.address() as AddressInfo).port;
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}/w`;
  }

  /** Its line of a tlog-policy. */
  get policyLine(): string {
    return `witness ${this.name} ${formatVkey(this.key)} ${this.url}`;
  }

  #answer(url: string, body: string): { status: number; body: string } {
    const blank = body.indexOf('\n\n');
    const [first = '', ...proof] = body.slice(0, blank).split('\n');
    const note = Buffer.from(body.slice(blank + 2));
    const opened = verifyNote(note, [this.#log]);
    const checkpoint = opened.ok ? parseCheckpoint(opened.text) : null;
    const old = Number(/^old (\d+)$/.exec(first)?.[1]);
    if (url !== '/w/add-checkpoint' || checkpoint === null || !opened.ok) return { status: 403, body: '' };
    if (old > checkpoint.size) return { status: 400, body: '' };
    const conflict = { status: 409, body: `${String(this.#seen.size)}\n` };
    if (old !== this.#seen.size || this.refuses) return conflict;
    const { size, root } = checkpoint;
    if (old === size && !Buffer.from(root).equals(this.#seen.root)) return conflict;
    const hashes = proof.map((line) => Buffer.from(line, 'base64'));
    const { root: oldRoot } = this.#seen;
    const continues =
      old === 0
        ? hashes.length === 0
        : verifyConsistency({ oldSize: old, newSize: size, oldRoot, newRoot: root, proof: hashes });
    if (!continues) return { status: 422, body: '' };
    this.#seen = { size, root };
    const message = cosignedMessage(this.now, this.lies ? opened.text.replace('\n', '!\n') : opened.text);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(this.now));
    const signature = Buffer.concat([time, signEd25519(null, message, namedKey(this.name).private)]);
    const { name, id } = this.key;
    return { status: 200, body: formatSignatureLine({ name, id, signature }) };
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
}
