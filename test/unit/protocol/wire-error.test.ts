import { describe, expect, it } from 'vitest';
import { ChanceryError, WIRE_CODES } from '../../../src/core/errors.js';
import { RPC_NUMBERS } from '../../../src/protocol/codes.js';
import { toWireError } from '../../../src/protocol/wire-error.js';

describe('toWireError', () => {
  it.each(WIRE_CODES.filter((code) => code !== 'MALFORMED_REQUEST'))(
    'passes %s on with its number',
    (code) => {
      const error = toWireError(new ChanceryError(code, 'why', { hint: 'do' }), 'id1');
      expect(error).toEqual({
        code: RPC_NUMBERS[code],
        message: 'why',
        data: { code, failures: [], hint: 'do', request: 'id1' },
      });
    },
  );

  it('tells bad params from a bad envelope', () => {
    const error = new ChanceryError('MALFORMED_REQUEST', 'why');
    expect(toWireError(error, 'id1').code).toBe(-32_602);
    expect(toWireError(error).code).toBe(-32_600);
  });

  it.each([
    ['a plain error', new Error('ENOENT /srv/secrets/pin')],
    ['a local code', new ChanceryError('FILE_UNREADABLE', 'cannot read /srv/secrets/pin')],
    ['a thrown string', '/srv/secrets/pin'],
    ['nothing', undefined],
  ])('makes %s INTERNAL and says nothing of it', (_case, error) => {
    const wire = toWireError(error, 'id1');
    expect(wire.data).toMatchObject({ code: 'INTERNAL', request: 'id1' });
    expect(JSON.stringify(wire)).not.toContain('secrets');
  });

  it('never sends the cause or the stack', () => {
    const wire = toWireError(
      new ChanceryError('HSM_UNAVAILABLE', 'x', { cause: new Error('inside') }),
      'id1',
    );
    expect(JSON.stringify(wire)).not.toMatch(/inside|at /);
  });
});
