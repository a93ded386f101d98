import { expect, it } from 'vitest';
import { tokenAilments } from '../../../src/daemon/token-ailments.js';

const ready = { name: 'main', state: 'ready', trouble: null } as const;
const gone = { name: 'cold', state: 'restarting', trouble: 'its host ended: signal SIGKILL' } as const;
const latched = { name: 'main', state: 'latched', trouble: null } as const;

const onMain = { token: 'main' };
const onCold = { token: 'cold' };

it('I10: signing has stopped when no usable key lies on a token that can sign', () => {
  expect(tokenAilments([ready], [onMain])).toEqual([]);
  expect(tokenAilments([ready, gone], [onMain, onCold])).toEqual([
    {
      component: 'token',
      code: 'HSM_UNAVAILABLE',
      message: 'token cold is restarting: its host ended: signal SIGKILL',
      stopsSigning: false,
    },
  ]);
  // The other token holds the ledger key, or keys that are frozen.
  expect(tokenAilments([ready, gone], [onCold])).toMatchObject([{ stopsSigning: true }]);
  expect(tokenAilments([latched, gone], [onMain, onCold])).toMatchObject([
    { message: 'token main is latched', stopsSigning: true },
    { message: 'token cold is restarting: its host ended: signal SIGKILL', stopsSigning: true },
  ]);
});
