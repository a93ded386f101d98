/**
 * Version of the protocol, `major.minor`. A minor version adds methods and result fields: a client skips result
 * fields it does not know, and a daemon refuses params and methods it does not know, by name. Another major version
 * is another protocol. Every HTTP answer carries it in `chancery-protocol`, the answer to a WebSocket upgrade too.
 */
export const PROTOCOL_VERSION = '1.0';
export const PROTOCOL_HEADER = 'chancery-protocol';
