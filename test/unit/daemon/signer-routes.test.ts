import { describe, expect, it } from 'vitest';
import { Sessions } from '../../../src/daemon/sessions.js';
import { signerRoutes } from '../../../src/daemon/signer-routes.js';
import { ExecutableDigests } from '../../../src/identity/executable-digests.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { dispatcher } from '../../../src/protocol/dispatch.js';
import { SIGNER_METHODS } from '../../../src/protocol/signer-methods.js';
import { callOf, livingPeer } from '../../support/calls.js';
import { policy as policyEntry } from '../../support/ledger-bodies.js';
import {
  OTHER_AGENT,
  addressOf,
  ledgerKeyText,
  policyBytes,
  pubkeyOf,
  walletText,
} from '../../support/policy-text.js';
import { signingRig } from '../../support/signing-rig.js';
import { compile, systemTransfer, wire } from '../../support/solana-build.js';

/** The requests of the second agent, which has so many keys, and how many refusals each was worth. */
async function site(keys: number) {
  const rig = await signingRig();
  const wallets = Array.from({ length: keys }, (_, index) => {
    const id = `trading-${String(index + 1)}`;
    return walletText({ id, object: { label: id }, publicKey: addressOf(id), workloads: [OTHER_AGENT] });
  });
  const next = parsePolicy(policyBytes({ serial: 2, keys: [...wallets, ledgerKeyText()] }));
  rig.path.policies.add(next);
  await rig.append({ ...policyEntry(2), sha256: next.sha256 });
  const counts: number[] = [];
  const never = (): Promise<never> => Promise.reject(new Error('not asked'));
  const ask = dispatcher(
    SIGNER_METHODS,
    signerRoutes({
      path: rig.path,
      sessions: new Sessions(new ExecutableDigests()),
      submit: never,
      prove: never,
      signed: () => undefined,
      observe: (_asked, work) => work(),
    }),
  );
  const refused = (count: number): void => {
    counts.push(count);
  };
  return {
    counts,
    call: (method: string, params: unknown) => {
      const context = callOf(livingPeer(1002), { method, params, refused });
      return ask({ method, params, transport: 'websocket', context });
    },
  };
}

function transfers(count: number): string {
  const [from, to] = [pubkeyOf('trading-1'), pubkeyOf('bob')];
  const each = Array.from({ length: count }, (_, index) => systemTransfer(from, to, BigInt(index + 1)));
  return wire('legacy', compile('legacy', [from], each), 1).toString('base64');
}

describe('I10: what signs nothing is paced by its length, since no quota holds it', () => {
  it.each([
    [1, 0],
    [7, 0],
    [8, 1],
    [50, 6],
  ])('an explanation of %i effects counts as %i refusals', async (effects, refusals) => {
    const { call, counts } = await site(1);
    const explained = await call('explainTransaction', { key: 'trading-1', transaction: transfers(effects) });
    expect(explained).toMatchObject({ effects: { length: effects } });
    expect(counts).toEqual([refusals]);
  });

  it.each([
    [1, 0],
    [20, 2],
  ])('a list of %i keys counts as %i refusals', async (count, refusals) => {
    const { call, counts } = await site(count);
    expect(await call('listKeys', {})).toHaveLength(count);
    expect(counts).toEqual([refusals]);
  });
});
