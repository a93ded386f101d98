import { expect, it } from 'vitest';
import { tokenAilments } from '../../../src/daemon/token-ailments.js';

const ready = { name: 'main', state: 'ready', trouble: null } as const;
const gone = { name: 'cold', state: 'restarting', trouble: 'its host ended: signal SIGKILL' } as const;
const latched = { name: 'main', state: 'latched', trouble: null } as const;

it('I10: signing has stopped when no token can sign, however many there are', () => {
  expect(tokenAilments([ready])).toEqual([]);
  expect(tokenAilments([ready, gone])).toEqual([
    {
      component: 'token',
      code: 'HSM_UNAVAILABLE',
      message: 'token cold is restarting: its host ended: signal SIGKILL',
      stopsSigning: false,
    },
  ]);
  expect(tokenAilments([latched, gone])).toMatchObject([
    { message: 'token main is latched', stopsSigning: true },
    { message: 'token cold is restarting: its host ended: signal SIGKILL', stopsSigning: true },
  ]);
});
