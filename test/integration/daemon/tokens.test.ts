import { appendFileSync, copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../../src/config/chancery-yaml.js';
import { encodeBase58 } from '../../../src/core/base58.js';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { pubkeyAt, type Pubkey } from '../../../src/core/pubkey.js';
import type { SignRequest } from '../../../src/core/signer.js';
import { Tokens } from '../../../src/daemon/tokens.js';
import type { Administration } from '../../../src/hsm/administration.js';
import type { TokenKey } from '../../../src/hsm/token-options.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { SOFTHSM, softToken, type SoftToken } from '../../support/hsm/soft-token.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText } from '../../support/policy-text.js';

const HOST_SCRIPT = fileURLToPath(new URL('../../../dist/hsm/pkcs11/host-main.js', import.meta.url));
const MESSAGE = Buffer.from('a message');

let soft: SoftToken;
let one: TokenKey;
let other: TokenKey;
let tokens: Tokens;

beforeAll(async () => {
  soft = await softToken('main');
  const generate = async (label: string, by: Administration): Promise<TokenKey> => ({
    id: label,
    label,
    ...(await by.generateKey({ label })),
  });
  [one, other] = await soft.administer(async (by) => [
    await generate('one', by),
    await generate('other', by),
  ]);
});
afterAll(async () => {
  await tokens.close();
  await soft.remove();
});

const named = ({ label, publicKey }: TokenKey) => ({
  object: { label },
  publicKey: encodeBase58(publicKey),
});

function policyOf(wallet: TokenKey, ledger: TokenKey, token = 'main'): Policy {
  return parsePolicy(
    policyBytes({
      tokens: { [token]: { ...soft.identity } },
      keys: [
        { ...Object(walletText(named(wallet))), token },
        { ...Object(ledgerKeyText()), ...named(ledger), token },
      ],
    }),
  );
}

function start(policy: Policy, module = SOFTHSM): Promise<Tokens> {
  const file = join(soft.directory, 'chancery.yaml');
  const access = { module, pin: { file: 'secrets/pin' }, environment: soft.access.environment };
  const text = JSON.stringify({
    version: '1',
    name: 'demo',
    sockets: { signer: { path: 'signer.sock' }, admin: { path: 'admin.sock' } },
    ledger: { directory: 'ledger' },
    policy: 'policy.yaml',
    tokens: { main: access, renamed: access },
  });
  writeFileSync(file, text);
  const config = parseConfig(Buffer.from(text), file);
  return Tokens.start({ config, hostScript: HOST_SCRIPT, report: () => undefined }, policy);
}

describe('the tokens of the policy in force', () => {
  it('sign for the public key they were asked for, though the next policy gives its id to another', async () => {
    const request = (key: Pubkey, dispatch = (): void => undefined): SignRequest => ({
      key,
      message: MESSAGE,
      priority: 'normal',
      dispatch,
    });
    const signsWell = async ({ publicKey }: TokenKey): Promise<boolean> =>
      verifyStrict(enrolKey(publicKey)!, MESSAGE, await tokens.sign(request(pubkeyAt(publicKey))));

    tokens = await start(policyOf(one, other));
    const next = await tokens.prepare(policyOf(other, one));
    // A rival of that policy which changes no key.
    const shared = await tokens.prepare(policyOf(one, other));
    // More than a host is given at once: what it was not given yet was counted like the rest.
    const waiting = Array.from({ length: 200 }, () => signsWell(one));
    await Promise.all([tokens.adopt(next), tokens.discard(shared)]);
    expect(await Promise.all(waiting)).toEqual(new Array(200).fill(true));
    expect(await signsWell(one)).toBe(true);
    expect(await signsWell(other)).toBe(true);

    const away = { code: 'HSM_UNAVAILABLE', message: /no token that signs now holds key/ };
    expect(tokens.stops(pubkeyAt(one.publicKey))).toBeNull();
    expect(tokens.stops(pubkeyOf('of the policy before'))).toMatchObject(away);
    const dispatch = vi.fn();
    await expect(tokens.sign(request(pubkeyOf('of the policy before'), dispatch))).rejects.toMatchObject(
      away,
    );
    expect(dispatch).not.toHaveBeenCalled();
  });

  it('are not started without a key that the policy names, and the refusal says on which token it is missed', async () => {
    const missing = { ...one, label: 'missing' };
    await expect(tokens.prepare(policyOf(missing, other))).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
      message: 'token main: the token holds no private key with label "missing"',
      hint: /chancery keys list/,
    });
  });

  it('are not started with another module than the ledger has recorded', async () => {
    const module = join(soft.directory, 'module.so');
    copyFileSync(SOFTHSM, module);
    const signing = await start(policyOf(one, other), module);
    try {
      await signing.discard(await signing.prepare(policyOf(other, one)));
      // In its place, as a package manager does it: the host that runs keeps the old one.
      copyFileSync(module, `${module}.new`);
      appendFileSync(`${module}.new`, 'another version');
      renameSync(`${module}.new`, module);
      for (const token of ['main', 'renamed']) {
        await expect(signing.prepare(policyOf(other, one, token))).rejects.toMatchObject({
          code: 'TOKEN_MISMATCH',
          message: /the PKCS#11 module has changed/,
        });
      }
      const [token] = signing.all();
      process.kill(token!.hostPid!, 'SIGKILL');
      await vi.waitFor(
        () => {
          expect(token).toMatchObject({ state: 'latched', trouble: /the PKCS#11 module has changed/ });
        },
        { timeout: 15_000 },
      );
    } finally {
      await signing.close();
    }
  });
});
