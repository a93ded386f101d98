import { givenPath } from './arguments.js';

const DEFAULT_SOCKET = '/run/chancery/signer.sock';

/** The path given, else CHANCERY_SOCKET, else /run/chancery/signer.sock. Throws MALFORMED_REQUEST. */
export function signerSocket(given: string | undefined): string {
  const fromEnvironment = process.env['CHANCERY_SOCKET'];
  if (given !== undefined) return givenPath(given);
  return fromEnvironment === undefined || fromEnvironment === '' ? DEFAULT_SOCKET : fromEnvironment;
}
