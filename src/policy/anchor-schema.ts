import type { z } from 'zod';
import { strictObject } from '../core/schema.js';
import { absent, duration, line, name, oneOf, text } from './fields.js';

/** Where a checkpoint of the ledger must stand outside its directory, so that an older copy of it is noticed. */
export const anchorSchema = strictObject({
  kind: oneOf(['file', 'token', 'witness'], 'what holds the checkpoint'),
  path: absent(
    text(/^\/[^\0\n]{1,4095}$/, 'an absolute path', 'the file; its directory must exist'),
    'for `token` and `witness`',
  ),
  token: absent(name('the token, by its name in `tokens`'), 'for `file` and `witness`'),
  witnesses: absent(
    line('text of a C2SP tlog-policy', 'which witnesses must cosign, and where they are').max(65_536),
    'for `file` and `token`',
  ),
  lag: absent(duration('how long signing goes on while the anchor does not follow the ledger'), '1h'),
});

export type AnchorText = z.infer<typeof anchorSchema>;
