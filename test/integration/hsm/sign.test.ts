import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { pubkeyAt } from '../../../src/core/pubkey.js';
import type { SignRequest } from '../../../src/core/signer.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import { softToken, type SoftToken } from '../../support/hsm/soft-token.js';

let soft: SoftToken;
let key: TokenKey;

beforeAll(async () => {
  soft = await softToken();
  key = await soft.generate('trading-1');
});
afterAll(async () => {
  await soft.remove();
});

function request(message: string, changes: Partial<SignRequest> = {}): SignRequest {
  return {
    key: pubkeyAt(key.publicKey),
    message: Buffer.from(message),
    priority: 'normal',
    dispatch: () => undefined,
    ...changes,
  };
}

describe('signing on SoftHSM', () => {
  it('signs what it is given, for the pinned public key', async () => {
    const token = await soft.start([key]);
    const signature = await token.sign(request('a message'));
    expect(verifyStrict(enrolKey(key.publicKey)!, Buffer.from('a message'), signature)).toBe(true);
    expect(token.state).toBe('ready');
    expect(token.identity).toEqual(soft.identity);
    expect(token.moduleSha256).toMatch(/^[0-9a-f]{64}$/);
    await token.close();
    expect(token.hostPid).toBeNull();
  });

  it('answers each of many requests at once with the signature over its own message', async () => {
    const other = await soft.generate('trading-2');
    const token = await soft.start([key, other]);
    const keys = [enrolKey(key.publicKey)!, enrolKey(other.publicKey)!];
    const good = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const message = `message ${String(index)} ${'x'.repeat(index)}`;
        const signature = await token.sign(
          request(message, { key: pubkeyAt((index % 2 === 0 ? key : other).publicKey) }),
        );
        return verifyStrict(keys[index % 2]!, Buffer.from(message), signature);
      }),
    );
    expect(good).toEqual(new Array(300).fill(true));
    await token.close();
  });
});
