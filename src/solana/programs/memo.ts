import type { Finding, Call } from './call.js';

/** Memo v2: logs its data, moves nothing. Its accounts must be signers, which changes nothing here either. */
export function readMemo(call: Call): Finding {
  return { name: 'Memo', details: () => [['memo', Buffer.from(call.data).toString('utf8')]] };
}
