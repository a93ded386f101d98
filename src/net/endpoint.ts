import { ChanceryError } from '../core/errors.js';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;

/** An RPC endpoint that may be asked. */
export interface Endpoint {
  readonly url: string;
  /** Scheme, host and port: the rest of the address often is an access key, which is not shown. */
  readonly name: string;
}

/**
 * https, or plain http to this machine: anybody between could otherwise put another account into an answer. Throws
 * USAGE.
 */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ChanceryError('USAGE', 'an RPC endpoint is an https URL');
  }
  const name = url.origin;
  if (url.username !== '' || url.password !== '') {
    throw new ChanceryError('USAGE', `the endpoint ${name} is given with a user or a password`);
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new ChanceryError('USAGE', `plain http to ${name} can be changed on the way`, {
      hint: 'use https; plain http is for 127.0.0.1, [::1] and localhost',
    });
  }
  return { url: url.href, name };
}
