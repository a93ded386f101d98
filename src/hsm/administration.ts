import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { ChanceryError } from '../core/errors.js';
import { HostCommands, hostEnded } from './host-commands.js';
import { HostProcess } from './host-process.js';
import {
  createdReplySchema,
  doneReplySchema,
  initialiseReplySchema,
  listReplySchema,
  loginReplySchema,
  type HostCommand,
} from './host-protocol.js';
import { readReply } from './host-reply.js';
import type { KeyFinding } from './key-report.js';
import type { TokenAccess, TokenIdentity } from './token-options.js';

/** No ceremony takes longer, key generation in a slow token included. */
const COMMAND_MS = 120_000;

export interface CreatedKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** CKA_ID in hex. */
  readonly objectId: string;
}

export interface ListedKey {
  readonly label: string;
  readonly objectId: string;
  /** Null when the token holds no single public object beside the private one. */
  readonly publicKey: Uint8Array | null;
  /** Judged without waivers. */
  readonly findings: readonly KeyFinding[];
}

/** The keys of one token, for ceremonies. One command at a time. */
export interface Administration {
  readonly identity: TokenIdentity;
  /** Of the module's file, hex. */
  readonly moduleSha256: string;
  /** What the operator should know, such as wrong PINs that somebody tried. */
  readonly warnings: readonly string[];
  listKeys(): Promise<readonly ListedKey[]>;
  /** Throws KEY_AMBIGUOUS (label taken), KEY_UNTRUSTED, HSM_UNAVAILABLE. */
  generateKey(key: { readonly label: string }): Promise<CreatedKey>;
  /** From a Solana keypair file, which only the host reads. Throws also FILE_UNREADABLE, PERMISSION_UNSAFE. */
  importKey(key: { readonly label: string; readonly keypairFile: string }): Promise<CreatedKey>;
  /** There is no way back. Throws KEY_NOT_FOUND, KEY_AMBIGUOUS, HSM_UNAVAILABLE. */
  destroyKey(key: { readonly label: string; readonly objectId: string }): Promise<void>;
  close(): Promise<void>;
}

/** Logs in to a token in a host of its own. Throws what `startToken` throws, except the errors of keys. */
export async function openAdministration(access: TokenAccess): Promise<Administration> {
  const host = new CommandHost(access.hostScript, access.environment);
  try {
    const { module, pin, pinned, latchDirectory } = access;
    const acceptedKey = randomBytes(32).toString('hex');
    const login = { module, pin, pinned, latchDirectory, accepted: null, acceptedKey };
    const reply = await host.ask(loginReplySchema, { command: 'login', login });
    return administration(host, reply);
  } catch (error) {
    await host.close();
    throw error;
  }
}

function administration(host: CommandHost, login: z.infer<typeof loginReplySchema>): Administration {
  const created = async (command: HostCommand): Promise<CreatedKey> => {
    const { publicKey, objectId } = await host.ask(createdReplySchema, command);
    return { publicKey: Buffer.from(publicKey, 'hex'), objectId };
  };
  return {
    identity: login.identity,
    moduleSha256: login.moduleSha256,
    warnings: host.warnings,
    listKeys: async () => {
      const { keys } = await host.ask(listReplySchema, { command: 'list' });
      return keys.map((key) => ({
        ...key,
        publicKey: key.publicKey === null ? null : Buffer.from(key.publicKey, 'hex'),
      }));
    },
    generateKey: ({ label }) => created({ command: 'generate', label }),
    importKey: ({ label, keypairFile }) => created({ command: 'import', label, keypairFile }),
    destroyKey: async ({ label, objectId }) => {
      await host.ask(doneReplySchema, { command: 'destroy', label, objectId });
    },
    close: () => host.close(),
  };
}

export interface InitialiseOptions {
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  /** 1 to 32 printable ASCII characters. */
  readonly label: string;
  /** Created with mode 0400; must not exist. Holds the user's PIN, made at random in the host. */
  readonly pinFile: string;
  /** The same for the security officer's PIN; without it that PIN is forgotten. */
  readonly soPinFile?: string;
  readonly hostScript: string;
}

/**
 * Initialises a token in a free slot and returns what it says of itself. Never touches an initialised token.
 * Throws TOKEN_NOT_FOUND, TOKEN_MISMATCH (label taken or malformed), FILE_UNREADABLE, HSM_UNAVAILABLE.
 */
export async function initialiseToken(options: InitialiseOptions): Promise<TokenIdentity> {
  const { module, label, pinFile, soPinFile = null } = options;
  const host = new CommandHost(options.hostScript, options.environment);
  try {
    const command = { command: 'initialise', module, label, pinFile, soPinFile } as const;
    return (await host.ask(initialiseReplySchema, command)).identity;
  } finally {
    await host.close();
  }
}

/** A host that is asked one command after the other and never signs. */
class CommandHost {
  readonly warnings: string[] = [];
  readonly #process: HostProcess;
  readonly #commands = new HostCommands(COMMAND_MS);
  #ended: ChanceryError | null = null;

  constructor(hostScript: string, environment: Readonly<Record<string, string>>) {
    const unasked = (): never => {
      throw new TypeError('an answer that nobody asked for');
    };
    this.#process = new HostProcess(hostScript, environment, {
      signature: unasked,
      signFailed: unasked,
      reply: (value) => {
        if (!this.#commands.replied(value)) unasked();
      },
      event: (event) => {
        if (event.type === 'warning') this.warnings.push(event.message);
      },
      batch: () => undefined,
      killed: () => undefined,
      ended: (reason) => {
        this.#ended = hostEnded(reason);
        this.#commands.hostEnded(reason);
      },
    });
  }

  async ask<Schema extends z.ZodType>(schema: Schema, command: HostCommand): Promise<z.output<Schema>> {
    const reply = await this.#commands.ask(command, () => {
      if (this.#ended !== null) throw this.#ended;
      return this.#process;
    });
    return readReply(schema, reply);
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
