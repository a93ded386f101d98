import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addArmored, addSshSignatures, unsigned } from '../../../src/ceremony/sign-statement.js';
import { buildPayload } from '../../../src/sovereign/build-payload.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { verifyStatement } from '../../../src/sovereign/verify-statement.js';
import { rejected } from '../../support/rejected.js';
import { SshAuthority } from '../../support/ssh-authority.js';
import { ATTESTATION, judgeOf, thresholds } from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';

let alice: SshAuthority;
let bob: SshAuthority;
let mallory: SshAuthority;
let directory: string;

beforeAll(() => {
  [alice, bob, mallory] = [new SshAuthority('alice'), new SshAuthority('bob'), new SshAuthority('mallory')];
  directory = mkdtempSync(join(tmpdir(), 'chancery-sign-test-'));
});

afterAll(() => {
  for (const authority of [alice, bob, mallory]) authority.remove();
  rmSync(directory, { recursive: true });
});

const payload = buildPayload('attestation', ATTESTATION);
const authorities = () => [parseAuthority(alice.text), parseAuthority(bob.text)];

describe('signing with the stock ssh-keygen', () => {
  it('collects signatures that the verifier counts, whatever order they come in', async () => {
    const one = await addSshSignatures(unsigned(payload), [bob.keyFile], authorities());
    const both = await addSshSignatures(unsigned(payload), [bob.keyFile, alice.keyFile], authorities());
    const judge = judgeOf({ threshold: thresholds(2), authorities: authorities() });
    expect(verifyStatement(both, judge).authorities).toEqual(['bob', 'alice']);
    expect(thrown(() => verifyStatement(one, judge)).code).toBe('QUORUM_NOT_MET');
  });

  it('signs again in place of the earlier signature', async () => {
    const once = await addSshSignatures(unsigned(payload), [alice.keyFile], authorities());
    const twice = await addSshSignatures(once, [alice.keyFile], authorities());
    expect(twice.signatures).toHaveLength(1);
  });

  it('refuses a key that is no authority', async () => {
    const error = await rejected(addSshSignatures(unsigned(payload), [mallory.keyFile], authorities()));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.hint).toBe('authorities: alice, bob');
  });

  it('says when there is no such key', async () => {
    const missing = join(directory, 'missing');
    const error = await rejected(addSshSignatures(unsigned(payload), [missing], authorities()));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain(missing);
  });

  it('refuses a file that is no key', async () => {
    const file = join(directory, 'garbage');
    writeFileSync(file, 'not a key\n', { mode: 0o600 });
    expect((await rejected(addSshSignatures(unsigned(payload), [file], authorities()))).code).toBe('ABORTED');
  });

  it('refuses what cannot be a key file, which ssh-keygen would read for minutes', async () => {
    const huge = join(directory, 'huge');
    writeFileSync(huge, Buffer.alloc(1 << 20, 'a'));
    for (const identity of [huge, directory, '/dev/zero']) {
      const error = await rejected(addSshSignatures(unsigned(payload), [identity], authorities()));
      expect(error.code, identity).toBe('FILE_UNREADABLE');
    }
  });

  it('takes a signature made elsewhere, and refuses what is none', () => {
    const armored = alice.armored(payload, 'attestation@chancery');
    expect(addArmored(unsigned(payload), armored, authorities()).signatures).toEqual([
      { authority: 'alice', scheme: 'sshsig', signature: armored },
    ]);
    expect(thrown(() => addArmored(unsigned(payload), 'nonsense', authorities())).code).toBe(
      'STATEMENT_INVALID',
    );
  });
});
