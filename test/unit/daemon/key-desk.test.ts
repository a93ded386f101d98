import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/chancery-yaml.js';
import { keyDesk, type KeyDesk } from '../../../src/daemon/key-desk.js';
import { rejected } from '../../support/rejected.js';
import { signingRig, type Rig } from '../../support/signing-rig.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
let rig: Rig;
let mayAppend: boolean;
let desk: KeyDesk;

/** A host that says when it began and ended, and otherwise nothing. */
const HOST = `
import { appendFileSync } from 'node:fs';
appendFileSync(process.env.TRACE, 'begins ');
setTimeout(() => appendFileSync(process.env.TRACE, 'ends '), 100);
`;

function deskOf(token = 'main'): KeyDesk {
  const config = parseConfig(
    Buffer.from(`
version: 1
name: test
sockets: { signer: { path: a }, admin: { path: b } }
ledger: { directory: ledger }
policy: policy.yaml
tokens:
  ${token}: { module: module.so, pin: { file: pin }, environment: { TRACE: ${directory}/trace } }
`),
    join(directory, 'chancery.yaml'),
  );
  const hostScript = join(directory, 'host.mjs');
  return keyDesk({ path: rig.path, config, hostScript, mayAppend: () => mayAppend });
}

beforeEach(async () => {
  directory = temporaryDirectory();
  writeFileSync(join(directory, 'host.mjs'), HOST);
  writeFileSync(join(directory, 'trace'), '');
  rig = await signingRig();
  mayAppend = true;
  desk = deskOf();
});

const trace = (): string => readFileSync(join(directory, 'trace'), 'utf8').trim();

describe('a key ceremony', () => {
  it.each(['generate', 'enrol'] as const)(
    '%s touches no token while the ledger may have been rolled back',
    async (action) => {
      mayAppend = false;
      const error = await rejected(desk[action]('main', 'new'));
      expect(error.code).toBe('LEDGER_UNAVAILABLE');
      expect(error.message).toContain('may have been rolled back');
      expect(trace()).toBe('');
    },
  );

  it('touches no token when the ledger can take no entry', async () => {
    rig.disk.fault = (step) => {
      if (step.op === 'write') throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return null;
    };
    await rejected(rig.append({ type: 'tick' }));
    const error = await rejected(desk.generate('main', 'new'));
    expect(error.code).toBe('LEDGER_UNAVAILABLE');
    expect(error.message).toBe(rig.ledger.unavailable);
    expect(trace()).toBe('');
  });

  it('touches no token when what is left of a full disk is kept for outcomes and freezes', async () => {
    // The spare segment takes the last room; it is used up, and then the one in use.
    await new Promise((resolve) => setTimeout(resolve, 20));
    rig.disk.capacity = rig.disk.used();
    const alert = { type: 'alert' as const, subject: 'test', detail: 'x'.repeat(30_000) };
    for (let full = false; !full;) {
      full = await rig.append(alert).then(
        () => rig.ledger.reserved,
        () => true,
      );
    }
    expect(rig.ledger.unavailable).toBeNull();
    const error = await rejected(desk.generate('main', 'new'));
    expect(error.code).toBe('LEDGER_UNAVAILABLE');
    expect(error.message).toMatch(/^no room for another segment/);
    expect(trace()).toBe('');
  });

  it('is for a token of the policy in force, whatever chancery.yaml reaches', async () => {
    const error = await rejected(deskOf('spare').generate('spare', 'new'));
    expect(error.code).toBe('MALFORMED_REQUEST');
    expect(error.message).toBe('the policy in force has no token "spare"');
    expect(error.hint).toMatch(/^it has main;/);
    expect(trace()).toBe('');
  });

  it('says what chancery.yaml lacks', async () => {
    const error = await rejected(deskOf('spare').generate('main', 'new'));
    expect(error.code).toBe('HSM_UNAVAILABLE');
    expect(error.message).toMatch(/^no key was made: CONFIG_INVALID: the policy names the token main/);
  });

  it('waits for the one before, and does not fail with it', async () => {
    const { size } = rig.ledger.state;
    const both = [desk.generate('main', 'new'), desk.enrol('main', 'new')];
    const errors = await Promise.all(both.map(rejected));
    expect(errors.map(({ code }) => code)).toEqual(['HSM_UNAVAILABLE', 'HSM_UNAVAILABLE']);
    expect(trace()).toBe('begins ends begins ends');
    expect(rig.ledger.state.size).toBe(size);
  });
});
