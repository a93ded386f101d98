import { createHash } from 'node:crypto';
import { WalletAuthority } from '../wallet-authority.js';

/** A witness that cosigns what it is shown (C2SP tlog-cosignature), written from the specification. */
export class TestWitness {
  readonly name: string;
  readonly #key: WalletAuthority;

  /** `as`: the witness whose key it has. */
  constructor(name: string, as = name) {
    this.name = name;
    this.#key = WalletAuthority.fromSeed(name, createHash('sha256').update(`witness ${as}`).digest());
  }

  get #keyName(): string {
    return `witness.test/${this.name}`;
  }

  get #id(): Buffer {
    const hash = createHash('sha256').update(`${this.#keyName}\n`).update(Uint8Array.of(4));
    return hash.update(this.#key.publicKey).digest().subarray(0, 4);
  }

  /** Its line of a tlog-policy. */
  get policyLine(): string {
    const key = Buffer.concat([Uint8Array.of(4), this.#key.publicKey]).toString('base64');
    return `witness ${this.name} ${this.#keyName}+${this.#id.toString('hex')}+${key}`;
  }

  /** The checkpoint with its cosignature; `time` in seconds. */
  cosign(note: string, time: number): string {
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const signed = this.#key.raw(Buffer.from(`cosignature/v1\ntime ${String(time)}\n${text}`));
    const seconds = Buffer.alloc(8);
    seconds.writeBigUInt64BE(BigInt(time));
    const blob = Buffer.concat([this.#id, seconds, signed]).toString('base64');
    return `${note}\u2014 ${this.#keyName} ${blob}\n`;
  }
}
