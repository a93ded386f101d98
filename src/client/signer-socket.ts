const DEFAULT_SOCKET = '/run/chancery/signer.sock';

/** The path given, else CHANCERY_SOCKET, else /run/chancery/signer.sock. */
export function signerSocket(given: string | undefined): string {
  const fromEnvironment = process.env['CHANCERY_SOCKET'];
  if (given !== undefined) return given;
  return fromEnvironment === undefined || fromEnvironment === '' ? DEFAULT_SOCKET : fromEnvironment;
}
