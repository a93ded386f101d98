import { describe, expect, it } from 'vitest';
import { leftOnToken } from '../../../src/ceremony/record-key.js';
import { ChanceryError, type ErrorCode } from '../../../src/core/errors.js';

const left = (code: ErrorCode): unknown => leftOnToken(new ChanceryError(code, 'refused'), 'old');

describe('a key that is on the token when its entry is refused', () => {
  it('is called unrecorded where that is known', () => {
    expect(left('LEDGER_UNAVAILABLE')).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      message: 'refused; key "old" lies on the token all the same, unrecorded',
    });
  });

  it.each(['TIMEOUT', 'DAEMON_UNREACHABLE'] as const)('and perhaps unrecorded after %s', (code) => {
    expect(left(code)).toMatchObject({
      code,
      message: 'refused; key "old" lies on the token all the same, perhaps unrecorded',
    });
  });
});
