import { z } from 'zod';
import type { Waiver } from '../core/key-checks.js';
import { keyFindingSchema } from './key-report.js';
import type { PinSource, TokenIdentity } from './token-options.js';

/** How a host reaches its token; part of every command that needs a login. */
export interface LoginCommand {
  readonly module: string;
  readonly pin: PinSource;
  readonly pinned: TokenIdentity;
  readonly latchDirectory: string;
  /** Set when this very PIN was accepted earlier in the daemon's life: HMAC under `acceptedKey`. */
  readonly accepted: string | null;
  /** 32 random bytes in hex, of this daemon's life: keys the tag of an accepted PIN, kept in memory only. */
  readonly acceptedKey: string;
}

export interface SoughtKey {
  readonly id: string;
  readonly label: string;
  readonly objectId: string | null;
  readonly waivers: readonly Waiver[];
}

/** What the daemon asks of its host, one at a time. */
export type HostCommand =
  | {
      readonly command: 'start';
      readonly login: LoginCommand;
      readonly keys: readonly SoughtKey[];
      /** Hex; each key signs a message made of it, so that the daemon can prove the pair. */
      readonly nonce: string;
    }
  | {
      readonly command: 'initialise';
      readonly module: string;
      readonly label: string;
      readonly pinFile: string;
      readonly soPinFile: string | null;
    }
  | { readonly command: 'login'; readonly login: LoginCommand }
  /** Of a started host: data objects of this name. */
  | { readonly command: 'readObjects'; readonly name: string }
  | { readonly command: 'replaceObjects'; readonly name: string; readonly value: string }
  | { readonly command: 'list' }
  | { readonly command: 'generate'; readonly label: string }
  | { readonly command: 'import'; readonly label: string; readonly keypairFile: string }
  | { readonly command: 'destroy'; readonly label: string; readonly objectId: string };

const hex = (bytes: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${String(bytes * 2)}}$`));
const objectId = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .max(512);

const identitySchema = z.strictObject({
  manufacturer: z.string().max(32),
  model: z.string().max(16),
  serial: z.string().max(16),
  label: z.string().max(32),
});

/** Codes a host may fail a command with; anything else from it is a broken host. */
export const HOST_CODES = [
  'HSM_UNAVAILABLE',
  'TOKEN_NOT_FOUND',
  'TOKEN_MISMATCH',
  'PIN_REFUSED',
  'PERMISSION_UNSAFE',
  'FILE_UNREADABLE',
  'KEY_NOT_FOUND',
  'KEY_AMBIGUOUS',
  'KEY_UNTRUSTED',
  'INTERNAL',
] as const;

/** Characters of a sentence for an operator. */
export const MAX_TEXT = 1000;

export const failureSchema = z.strictObject({
  ok: z.literal(false),
  code: z.enum(HOST_CODES),
  message: z.string().max(MAX_TEXT),
  hint: z.string().max(MAX_TEXT).nullable(),
});

export const loginReplySchema = z.strictObject({
  ok: z.literal(true),
  identity: identitySchema,
  moduleSha256: hex(32),
  /** The tag of the PIN that was accepted. */
  accepted: hex(32),
});

export const startReplySchema = loginReplySchema.extend({
  keys: z.array(z.strictObject({ objectId, findings: z.array(keyFindingSchema), proof: hex(64) })),
});

export const initialiseReplySchema = z.strictObject({ ok: z.literal(true), identity: identitySchema });
export const createdReplySchema = z.strictObject({ ok: z.literal(true), publicKey: hex(32), objectId });
export const listReplySchema = z.strictObject({
  ok: z.literal(true),
  keys: z.array(
    z.strictObject({
      label: z.string().max(1024),
      objectId,
      /** Null when the token holds no public object with this key's id. */
      publicKey: hex(32).nullable(),
      findings: z.array(keyFindingSchema),
    }),
  ),
});
export const objectsReplySchema = z.strictObject({
  ok: z.literal(true),
  /** Hex. */
  values: z.array(z.string().regex(/^(?:[0-9a-f]{2})*$/)).max(16),
});
export const doneReplySchema = z.strictObject({ ok: z.literal(true) });

export const hostEventSchema = z.discriminatedUnion('type', [
  /** The first frame of a host: it runs, and has not loaded a module yet. */
  z.strictObject({ type: z.literal('running') }),
  z.strictObject({ type: z.literal('warning'), message: z.string().max(1000) }),
  z.strictObject({
    type: z.literal('recovered'),
    action: z.string().max(100),
    returnValue: z.string().max(100),
  }),
  /** The host ends itself so that it is started afresh; what it was sent and has not answered is lost. */
  z.strictObject({ type: z.literal('ending'), reason: z.string().max(1000) }),
  /** The same, but only an operator can help. */
  z.strictObject({ type: z.literal('latched'), message: z.string().max(1000) }),
]);
export type HostEvent = z.infer<typeof hostEventSchema>;

/**
 * What a key signs to prove that it belongs to the pinned public key. The first byte is no transaction's: 0xff is
 * neither a count of signatures nor a message version, so the proof can never be used on chain.
 */
export function proofMessage(nonce: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xff]), Buffer.from('chancery key pair proof v1\0', 'latin1'), nonce]);
}
