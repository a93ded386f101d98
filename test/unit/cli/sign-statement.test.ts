import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../../src/sovereign/envelope.js';
import { addressOf, AGENT, policyBytes, policyObject } from '../../support/policy-text.js';
import { command } from '../../support/site/command.js';
import { SshAuthority } from '../../support/ssh-authority.js';

let alice: SshAuthority;
let bob: SshAuthority;
const at = (name: string): string => join(alice.directory, name);
const { PATH } = process.env;

beforeAll(() => {
  alice = new SshAuthority('alice');
  bob = new SshAuthority('bob');
  const { sovereign } = policyObject() as { readonly sovereign: object };
  const authorities = [alice, bob].map(({ id, publicKey }) => ({ id, ssh: publicKey }));
  writeFileSync(at('policy.yaml'), policyBytes({ sovereign: { ...sovereign, authorities } }));
});
afterAll(() => {
  alice.remove();
  bob.remove();
});
afterEach(() => {
  process.env['PATH'] = PATH;
});

/** Writes a request that nobody has signed, and returns its path and what was said. */
async function request(name: string): Promise<{ readonly file: string; readonly said: string }> {
  const file = at(name);
  rmSync(file, { force: true });
  const wish = ['--workload', AGENT, '--key', 'trading-1', '--ttl', '20m', '--reason', 'night run'];
  const { code, stdout } = await command('attest', 'request', file, '--policy', at('policy.yaml'), ...wish);
  expect(code).toBe(0);
  return { file, said: stdout };
}

const sign = (file: string, ...more: readonly string[]) =>
  command('attest', 'sign', file, '--policy', at('policy.yaml'), ...more);

const GRANT = `${AGENT} may use key trading-1 (${addressOf('trading-1')})`;
const payloadOf = (file: string) =>
  JSON.parse(readFileSync(file, 'utf8')) as { readonly expiresAt: string; readonly issuedAt: string };
const envelopeIn = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Envelope;

describe('attest request', () => {
  it('says until when and why, also to those whose device shows no line', async () => {
    const { file, said } = await request('request.json');
    const before = said.slice(0, said.indexOf('sign exactly these bytes'));
    expect(before).toContain(GRANT);
    expect(before).toContain(`issued ${payloadOf(file).issuedAt}, until ${payloadOf(file).expiresAt}`);
    expect(before).toContain('reason night run');
  });
});

describe('attest sign', () => {
  it.each([
    ['standard output', []],
    ['a terminal with --json', ['--json']],
  ])('shows on %s what is granted until when before the key is asked', async (_where, more) => {
    const { file } = await request('before.json');
    // In place of the tool that asks for a touch: one that refuses.
    mkdirSync(at('bin'), { recursive: true });
    writeFileSync(join(at('bin'), 'ssh-keygen'), '#!/bin/sh\nexit 9\n');
    chmodSync(join(at('bin'), 'ssh-keygen'), 0o755);
    process.env['PATH'] = `${at('bin')}${delimiter}${String(PATH)}`;
    const { isTTY } = process.stderr;
    process.stderr.isTTY = true;
    const refused = await sign(file, '--identity', alice.keyFile, ...more);
    process.stderr.isTTY = isTTY;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('ABORTED');
    const shown = more.length === 0 ? refused.stdout : refused.stderr;
    expect(shown).toContain(GRANT);
    expect(shown).toContain(`expires  ${payloadOf(file).expiresAt}`);
    if (more.length > 0) expect(refused.stdout).toBe('');
  });

  it('leaves what others put there and does not count, and says so', async () => {
    const { file } = await request('stranger.json');
    const statement = at('stranger.statement.json');
    expect((await sign(file, '--identity', alice.keyFile)).code).toBe(0);
    const [signature] = envelopeIn(statement).signatures;
    const forged = [
      { ...signature!, authority: 'mallory' },
      { ...signature!, authority: 'bob' },
    ];
    const { payload } = envelopeIn(statement);
    writeFileSync(statement, JSON.stringify({ payload, signatures: forged }));
    const signed = await sign(file, '--identity', alice.keyFile);
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    expect(signed.stdout).toContain('signed   alice (1 of 1 needed)');
    expect(signed.stdout).toContain('ignored  "mallory": it is not an authority of this signer');
    expect(signed.stdout).toContain('ignored  bob: it was made with another key');
    // And bob's own takes the place of what was put there in his name.
    expect((await sign(file, '--identity', bob.keyFile)).stdout).toContain('signed   alice, bob');
    const names = envelopeIn(statement).signatures.map(({ authority }) => authority);
    expect(names).toEqual(['mallory', 'alice', 'bob']);
  });

  it('adds to a statement of any name where it lies', async () => {
    const { file } = await request('asked.json');
    const named = at('named.json');
    expect((await sign(file, '--identity', alice.keyFile, '--out', named)).code).toBe(0);
    expect((await sign(named, '--identity', bob.keyFile)).stdout).toContain(`wrote ${named}\n`);
    expect(envelopeIn(named).signatures.map(({ authority }) => authority)).toEqual(['alice', 'bob']);
  });

  it('puts nothing that does not count in the place of a signature that does', async () => {
    const { file } = await request('kept.json');
    const kept = at('kept.statement.json');
    expect((await sign(file, '--identity', alice.keyFile)).code).toBe(0);
    const { payload, signatures } = envelopeIn(kept);
    const other = await request('of-another.json');
    const signature = alice.armored(readFileSync(other.file), 'attestation@chancery');
    const forged = [...signatures, { ...signatures[0]!, signature }];
    writeFileSync(at('received.statement.json'), JSON.stringify({ payload, signatures: forged }));
    const signed = await sign(at('received.statement.json'), '--out', kept, '--identity', bob.keyFile);
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    expect(signed.stdout).toContain('signed   alice, bob');
    expect(envelopeIn(kept).signatures[0]).toEqual(signatures[0]);
  });

  it('refuses a new one that does not count, and leaves the file as it is', async () => {
    const { file } = await request('wrong.json');
    const other = await request('other.json');
    const armored = alice.armored(readFileSync(other.file), 'attestation@chancery');
    writeFileSync(at('wrong.sig'), armored);
    const refused = await sign(file, '--signature', at('wrong.sig'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('the signature of alice does not count: it is not a signature of these');
  });
});
