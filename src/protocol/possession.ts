/** Leads every possession proof, so that the signature can stand for nothing else. */
export const POSSESSION_DOMAIN = 'chancery/possession/v1';

/** What a possession key signs: domain, ledger origin (UTF-8) and the 32 nonce bytes of `getChallenge`. */
export function possessionMessage(origin: string, nonce: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(POSSESSION_DOMAIN + origin, 'utf8'), nonce]);
}
