import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthorityText } from '../../src/sovereign/authority.js';
import type { Envelope, EnvelopeSignature } from '../../src/sovereign/envelope.js';

/** A Sovereign's key in a directory of its own, made and used by the stock ssh-keygen. */
export class SshAuthority {
  readonly id: string;
  readonly directory: string;
  /** The line of the `.pub` file. */
  readonly publicKey: string;

  constructor(id: string) {
    this.id = id;
    this.directory = mkdtempSync(join(tmpdir(), 'chancery-authority-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', id, '-f', this.keyFile]);
    this.publicKey = readFileSync(`${this.keyFile}.pub`, 'utf8').trim();
  }

  get keyFile(): string {
    return join(this.directory, 'key');
  }

  get text(): AuthorityText {
    return { id: this.id, ssh: this.publicKey };
  }

  /** The armored signature of `ssh-keygen -Y sign`. */
  armored(payload: Uint8Array, namespace: string): string {
    const file = join(this.directory, 'payload.json');
    rmSync(`${file}.sig`, { force: true });
    writeFileSync(file, payload);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', this.keyFile, file], {
      stdio: 'pipe',
    });
    return readFileSync(`${file}.sig`, 'utf8');
  }

  sign(payload: Uint8Array, namespace: string): EnvelopeSignature {
    return { authority: this.id, scheme: 'sshsig', signature: this.armored(payload, namespace) };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An envelope over these bytes. */
export function envelopeOf(payload: Uint8Array, ...signatures: readonly EnvelopeSignature[]): Envelope {
  return { payload: Buffer.from(payload).toString('base64'), signatures };
}
