/**
 * The trust checks on a private key in a token, by name: what the HSM host judges, and what a policy may waive for
 * one key. (That exactly one key is found, and that it makes signatures the pinned public key verifies, is never
 * waived.)
 */
export const KEY_CHECKS = [
  'class',
  'key-type',
  'on-token',
  'private',
  'sensitive',
  'not-extractable',
  'always-sensitive',
  'never-extractable',
  'local',
  'generated-on-token',
  'can-sign',
  'cannot-decrypt',
  'cannot-unwrap',
  'cannot-derive',
  'cannot-sign-recover',
  'no-pin-per-use',
] as const;
export type KeyCheck = (typeof KEY_CHECKS)[number];

/**
 * What a policy may waive. `imported` stands for the four checks that an imported key can never pass: its value
 * existed outside the token.
 */
export const WAIVERS = ['imported', ...KEY_CHECKS] as const;
export type Waiver = (typeof WAIVERS)[number];
