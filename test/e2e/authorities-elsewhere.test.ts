import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSshKey } from '../../src/ceremony/ssh-keygen.js';
import { freeze } from '../support/site/admin.js';
import { tradingKey } from '../support/site/signing.js';
import { Site, WORKLOAD } from '../support/site/site.js';

interface Statement {
  readonly signatures: readonly { readonly authority: string }[];
}

describe('authorities who do not sit at the signer', () => {
  let site: Site;
  let bob: string;
  const at = (name: string): string => join(site.directory, name);
  const theirs = (name: string): string => join(site.directory, 'bob', name);
  const signers = (path: string): string[] =>
    (JSON.parse(readFileSync(path, 'utf8')) as Statement).signatures.map(({ authority }) => authority);

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    bob = at('bob-key');
    const ssh = await makeSshKey(bob, 'bob');
    await site.changePolicy((text) =>
      text
        .replace(/policy: 1/, 'policy: 2')
        .replace(/unfreeze: 1/, 'unfreeze: 2')
        .replace(/^( +- \{ id: developer.*)$/m, `$1\n    - { id: bob, ssh: ${JSON.stringify(ssh)} }`),
    );
    // The machine of an authority: the configuration and the policy in force, and no ledger.
    mkdirSync(theirs(''));
    for (const name of ['chancery.yaml', 'policy.yaml']) copyFileSync(at(name), theirs(name));
  });
  afterAll(() => site.remove());

  const sign = (config: string, file: string, identity: string) =>
    site.chancery('policy', 'sign', file, '--config', config, '--identity', identity);

  it('a policy that one signed at the signer is signed on by the other, whose machine has no ledger', async () => {
    const text = readFileSync(at('policy.yaml'), 'utf8');
    writeFileSync(at('next.yaml'), text.replace('serial: 2', 'serial: 3').replace('"2 SOL"', '"3 SOL"'));
    const widens = 'widens: key trading-1: the limit of SOL in 1h goes from 2 SOL to 3 SOL';
    // Also who signs it with another tool is told what it changes, and by `attest sign` at least to look.
    const request = ['policy', 'sign', at('next.yaml'), '--config', site.config, '--request', at('ask.json')];
    const requested = await site.chancery(...request);
    expect(requested.stdout.slice(0, requested.stdout.indexOf('sign exactly'))).toContain(widens);
    const aside = ['--config', site.config, '--out', at('aside.sig'), '--identity', bob];
    const asked = await site.chancery('attest', 'sign', at('ask.json'), ...aside);
    expect(asked.stdout).toContain('what it changes stands in no statement');
    expect(await sign(site.config, at('next.yaml'), site.sovereignKey)).toMatchObject({ code: 0 });
    for (const name of ['next.yaml', 'next.yaml.sig']) copyFileSync(at(name), theirs(name));

    const signed = await sign(theirs('chancery.yaml'), theirs('next.yaml'), bob);
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    expect(signed.stdout).toContain(widens);
    expect(signers(theirs('next.yaml.sig'))).toEqual(['developer', 'bob']);
    copyFileSync(theirs('next.yaml.sig'), at('next.yaml.sig'));
    const submitted = await site.chancery('policy', 'submit', at('next.yaml'), '--config', site.config);
    expect(submitted).toMatchObject({ code: 0 });
    for (const end of ['', '.sig']) copyFileSync(at(`next.yaml${end}`), at(`policy.yaml${end}`));
  });

  it('whoever signs a policy is shown what policy check warns of, which is no change', async () => {
    const text = readFileSync(at('policy.yaml'), 'utf8').replace('serial: 3', 'serial: 4');
    writeFileSync(at('odd.yaml'), text.replace('"0.001 SOL"', '"0.00001 SOL"'));
    const warning = 'warning: keys.trading-1.fee: no fee is counted below 0.000011202 SOL';
    const request = ['policy', 'sign', at('odd.yaml'), '--config', site.config, '--request', at('odd.json')];
    const requested = await site.chancery(...request);
    expect(requested.stdout.slice(0, requested.stdout.indexOf('sign exactly'))).toContain(warning);
    const signed = await sign(site.config, at('odd.yaml'), site.sovereignKey);
    expect(signed.stdout.slice(0, signed.stdout.indexOf('wrote '))).toContain(warning);
  });

  it('where the policy in force is not at hand either, what others have signed stays as it is', async () => {
    const before = readFileSync(theirs('next.yaml.sig'), 'utf8');
    copyFileSync(theirs('next.yaml'), theirs('policy.yaml'));
    const refused = await sign(theirs('chancery.yaml'), theirs('next.yaml'), bob);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('error: POLICY_NOT_IN_FORCE: there is no ledger here');
    expect(readFileSync(theirs('next.yaml.sig'), 'utf8')).toBe(before);
  });

  it('who signs alone what needs two is told how the others come to it', async () => {
    const frozen = await freeze(site, 'drill');
    if (!frozen.ok) throw new Error(frozen.error.message);
    const unfreeze = ['unfreeze', '--config', site.config, '--identity', site.sovereignKey];
    const alone = await site.chancery(...unfreeze);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toMatch(/error: QUORUM_NOT_MET: .*\nhint: .*--request FILE\n$/);
    expect(await site.chancery(...unfreeze, '--identity', bob)).toMatchObject({ code: 0 });
  });

  it('the IDLs of the policy in force come from the ledger where idl/ was not restored', async () => {
    const text = readFileSync(at('policy.yaml'), 'utf8');
    mkdirSync(at('idl'));
    copyFileSync('examples/anchor/journal.json', at('idl/journal.json'));
    writeFileSync(
      at('policy.yaml'),
      text.replace('serial: 3', 'serial: 4') + readFileSync('examples/anchor/policy.yaml', 'utf8'),
    );
    for (const identity of [site.sovereignKey, bob]) {
      expect(await sign(site.config, at('policy.yaml'), identity)).toMatchObject({ code: 0 });
    }
    const submit = await site.chancery('policy', 'submit', '--config', site.config);
    expect(submit).toMatchObject({ code: 0 });

    rmSync(at('idl'), { recursive: true });
    const issue = ['attest', 'issue', '--config', site.config, '--workload', WORKLOAD, '--key', 'trading-1'];
    const issued = await site.chancery(...issue, '--identity', site.sovereignKey, '--submit');
    expect(issued).toMatchObject({ code: 0, stderr: '' });
    const frozen = await freeze(site, 'drill');
    if (!frozen.ok) throw new Error(frozen.error.message);
    const both = ['--identity', site.sovereignKey, '--identity', bob];
    const lifted = await site.chancery(
      'unfreeze',
      frozen.result.entry.hash,
      '--config',
      site.config,
      ...both,
    );
    expect(lifted).toMatchObject({ code: 0, stderr: '' });
  });

  it('a new epoch voids what was attested, and no list says that it holds', async () => {
    const list = async (): Promise<string> =>
      (await site.chancery('attest', 'list', '--config', site.config)).stdout;
    expect(await list()).toContain(WORKLOAD);
    expect((await tradingKey(site)).attestation).not.toBeNull();
    const text = readFileSync(at('policy.yaml'), 'utf8');
    writeFileSync(at('policy.yaml'), text.replace('serial: 4', 'serial: 5').replace('epoch: 1', 'epoch: 2'));
    for (const identity of [site.sovereignKey, bob]) {
      expect(await sign(site.config, at('policy.yaml'), identity)).toMatchObject({ code: 0 });
    }
    const submit = await site.chancery('policy', 'submit', '--config', site.config);
    expect(submit).toMatchObject({ code: 0 });
    expect(await list()).toBe('no attestation holds\n');
    expect((await tradingKey(site)).attestation).toBeNull();
    const revoke = ['attest', 'revoke', '--workload', WORKLOAD, '--reason', 'drill', '--config', site.config];
    expect((await site.chancery(...revoke)).stdout).toContain(': 0 of its attestations held until now');
  });
});
