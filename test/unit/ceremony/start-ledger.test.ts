import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { genesisPayload } from '../../../src/ceremony/genesis-payload.js';
import { developmentPolicy } from '../../../src/ceremony/development-files.js';
import { policyPayload } from '../../../src/ceremony/policy-payload.js';
import { NO_POLICY, startLedger, type LedgerStart } from '../../../src/ceremony/start-ledger.js';
import { originOf } from '../../../src/core/origin.js';
import { parseAddress, pubkeyBytes } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { readState } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import type { AuthorityText } from '../../../src/sovereign/authority.js';
import type { Envelope } from '../../../src/sovereign/envelope.js';
import { addressOf } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';
import { rejected } from '../../support/rejected.js';
import { envelopeOf, SshAuthority } from '../../support/ssh-authority.js';
import { publicKeyLine } from '../../support/sshsig-by-hand.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const ISSUED = '2026-11-22T11:59:00Z';
const files = nodeFiles();

let developer: SshAuthority;
let stranger: SshAuthority;
let root: string;

beforeAll(() => {
  developer = new SshAuthority('developer');
  stranger = new SshAuthority('stranger');
  root = mkdtempSync(join(tmpdir(), 'chancery-start-'));
});

afterAll(() => {
  developer.remove();
  stranger.remove();
  rmSync(root, { recursive: true, force: true });
});

function policyText(edit: (text: string) => string = (text) => text): Buffer {
  const ledger = addressOf('ledger');
  const text = developmentPolicy({
    origin: originOf('demo', pubkeyBytes(parseAddress(ledger)!)),
    authority: developer.text,
    token: { manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: '01', label: 'demo' },
    uid: 1000,
    wallet: addressOf('trading-1'),
    ledger,
  });
  return Buffer.from(edit(text));
}

function sign(payload: Uint8Array, kind: 'genesis' | 'policy', by = developer): Envelope {
  return envelopeOf(payload, { ...by.sign(payload, `${kind}@chancery`), authority: 'developer' });
}

/** A start that holds, with changes. */
function start(changes: Partial<LedgerStart> = {}): LedgerStart {
  const policy = policyText();
  const compiled = parsePolicy(policy);
  return {
    name: 'demo',
    directory: mkdtempSync(join(root, 'ledger-')),
    files,
    clock: { wall: () => NOW, boot: () => 0 },
    genesis: sign(genesisPayload(compiled, 'demo', NOW), 'genesis'),
    policy,
    policyStatement: sign(policyPayload(compiled, null, NOW), 'policy'),
    ...changes,
  };
}

async function refusal(changes: Partial<LedgerStart>): Promise<string> {
  const options = start(changes);
  const error = await rejected(startLedger(options));
  // What did not hold left no ledger behind, not even a first segment.
  expect(readdirSync(options.directory).filter((name) => name.endsWith('.ledger'))).toEqual([]);
  return `${error.code}: ${error.message}`;
}

describe('starting a ledger', () => {
  it('writes genesis and the first policy, whose bytes it keeps', async () => {
    const options = start();
    await startLedger(options);
    const state = await readState(files, options.directory);
    expect(state.size).toBe(2);
    expect(state.origin).toBe(parsePolicy(options.policy).signer);
    expect(state.ledgerKey).toBe(addressOf('ledger'));
    expect(state.policy).toMatchObject({ serial: 1, sequence: 1 });
    const blob = join(options.directory, 'blobs', state.policy!.sha256);
    expect(readFileSync(blob).equals(Buffer.from(options.policy))).toBe(true);
  });

  it('never starts a ledger over', async () => {
    const options = start();
    await startLedger(options);
    const before = readFileSync(join(options.directory, '000000000000.ledger'));
    const error = await rejected(startLedger(options));
    expect(error.code).toBe('LEDGER_EXISTS');
    expect(readFileSync(join(options.directory, '000000000000.ledger')).equals(before)).toBe(true);
  });

  it('says that a ledger is there although policy.yaml is by now another than genesis names', async () => {
    const options = start();
    await startLedger(options);
    const policy = policyText((text) => text.replace('serial: 1', 'serial: 2'));
    const error = await rejected(startLedger({ ...options, policy }));
    expect(error.code).toBe('LEDGER_EXISTS');
    expect(error.hint).toContain('never started over');
  });

  it('I8: refuses a genesis or a policy that a stranger signed', async () => {
    const compiled = parsePolicy(policyText());
    expect(
      await refusal({ genesis: sign(genesisPayload(compiled, 'demo', NOW), 'genesis', stranger) }),
    ).toMatch(/^QUORUM_NOT_MET: .*0 of the 1/);
    expect(
      await refusal({ policyStatement: sign(policyPayload(compiled, null, NOW), 'policy', stranger) }),
    ).toMatch(/^QUORUM_NOT_MET/);
  });

  it('I8: refuses unsigned statements: there is no unsigned mode', async () => {
    const compiled = parsePolicy(policyText());
    expect(await refusal({ genesis: envelopeOf(genesisPayload(compiled, 'demo', NOW)) })).toMatch(
      /^QUORUM_NOT_MET/,
    );
    expect(await refusal({ policyStatement: envelopeOf(policyPayload(compiled, null, NOW)) })).toMatch(
      /^QUORUM_NOT_MET/,
    );
  });

  it('refuses a policy of other bytes than those that were signed', async () => {
    const other = policyText((text) => text.replace('"0.5 SOL"', '"5 SOL"'));
    expect(await refusal({ policy: other })).toMatch(/^STATEMENT_INVALID: .*genesis names the policy/);
  });

  it('refuses a signer of another name, CONFIG_INVALID', async () => {
    expect(await refusal({ name: 'prod' })).toMatch(/^CONFIG_INVALID: .*name prod/);
  });

  it.each([
    ['a made-up origin', 'chancery.local/demo/0000000000000000', 'demo'],
    ['another name than chancery.yaml', null, 'prod'],
  ])('has nobody sign a genesis with %s: it could not be started', (_what, signer, name) => {
    const policy = policyText((text) =>
      signer === null ? text : text.replace(/^signer: .*$/m, `signer: ${signer}`),
    );
    const error = thrown(() => genesisPayload(parsePolicy(policy), name, NOW));
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.hint).toBe(`set it to ${originOf(name, pubkeyBytes(parseAddress(addressOf('ledger'))!))}`);
  });

  it('refuses a genesis that asks an authority for more than the policy does', async () => {
    // The policy has the authority's key as one that must be touched, and genesis says that its PIN is needed too.
    const line = publicKeyLine(WalletAuthority.fromSeed('fido', Buffer.alloc(32, 7)), 'ssh:');
    const fido = `    - id: fido\n      ssh: ${line}\n`;
    const policy = policyText((text) => text.replace(/(\n {2}authorities:\n)/, `$1${fido}`));
    const compiled = parsePolicy(policy);
    const fields = JSON.parse(
      Buffer.from(genesisPayload(compiled, 'demo', NOW)).toString(),
    ) as PayloadFields<'genesis'>;
    const policyStatement = sign(policyPayload(compiled, null, NOW), 'policy');
    const asked = (change: Partial<AuthorityText>): Promise<string> => {
      const authorities = fields.authorities.map((each) =>
        each.id === 'fido' ? { ...each, ...change } : each,
      );
      const genesis = sign(buildPayload('genesis', { ...fields, authorities }), 'genesis');
      return refusal({ policy, genesis, policyStatement });
    };
    const different = /^STATEMENT_INVALID: .*different authorities .*thresholds or epochs/;
    expect(await asked({ require: ['touch', 'pin'] })).toMatch(different);
    const other = publicKeyLine(WalletAuthority.fromSeed('fido', Buffer.alloc(32, 7)), 'ssh:other');
    expect(await asked({ ssh: other })).toMatch(different);
  });

  it('refuses a genesis whose ledger key is not the one of the policy', async () => {
    const other = addressOf('other');
    const origin = originOf('demo', pubkeyBytes(parseAddress(other)!));
    const policy = policyText((text) => text.replace(/^signer: .*$/m, `signer: ${origin}`));
    const { sha256 } = parsePolicy(policy);
    const payload = buildPayload('genesis', {
      signer: origin,
      id: 'a'.repeat(32),
      epoch: 1,
      issuedAt: ISSUED,
      publicKey: other,
      authorities: [{ id: 'developer', ssh: developer.publicKey }],
      threshold: parsePolicy(policy).sovereign.threshold,
      policy: sha256,
    });
    expect(await refusal({ policy, genesis: sign(payload, 'genesis') })).toMatch(
      /^STATEMENT_INVALID: .*the ledger key of genesis/,
    );
  });

  it('refuses a genesis that names other authorities than its policy', async () => {
    const compiled = parsePolicy(policyText());
    const payload = buildPayload('genesis', {
      signer: compiled.signer,
      id: 'b'.repeat(32),
      epoch: 1,
      issuedAt: ISSUED,
      publicKey: addressOf('ledger'),
      authorities: [
        { id: 'developer', ssh: developer.publicKey },
        { id: 'stranger', ssh: stranger.publicKey },
      ],
      threshold: compiled.sovereign.threshold,
      policy: compiled.sha256,
    });
    expect(await refusal({ genesis: sign(payload, 'genesis') })).toMatch(
      /^STATEMENT_INVALID: .*different authorities/,
    );
  });

  describe('when genesis and policy differ', () => {
    const authority = (id: string, by: SshAuthority) => ({ id, ssh: by.publicKey });
    const genesisWith = (
      over: Partial<PayloadFields<'genesis'>>,
      policy = policyText(),
      by = developer,
    ): Partial<LedgerStart> => {
      const { sha256, sovereign } = parsePolicy(policy);
      const payload = buildPayload('genesis', {
        signer: originOf('demo', pubkeyBytes(parseAddress(addressOf('ledger'))!)),
        id: 'b'.repeat(32),
        epoch: 1,
        issuedAt: ISSUED,
        publicKey: addressOf('ledger'),
        authorities: [authority('developer', developer)],
        threshold: sovereign.threshold,
        policy: sha256,
        ...over,
      });
      return { policy, genesis: sign(payload, 'genesis', by) };
    };
    /** The policy with a second authority. */
    const two = () =>
      policyText((text) =>
        text.replace(
          /^( *)- \{ id: developer,.*$/m,
          (line, indent: string) =>
            `${line}\n${indent}- { id: stranger, ssh: ${JSON.stringify(stranger.publicKey)} }`,
        ),
      );

    it('in the signer, it is refused', async () => {
      const other = originOf('other', pubkeyBytes(parseAddress(addressOf('ledger'))!));
      const policy = policyText((text) => text.replace(/^signer: .*$/m, `signer: ${other}`));
      expect(await refusal(genesisWith({}, policy))).toMatch(
        /^STATEMENT_INVALID: .*genesis is for chancery\.local\/demo.*, policy\.yaml for chancery\.local\/other/,
      );
    });

    it('in the epoch, a threshold, an authority’s key or its name, it is refused', async () => {
      const { threshold } = parsePolicy(policyText()).sovereign;
      const authorities = [authority('developer', developer), authority('stranger', stranger)];
      for (const changes of [
        genesisWith({ epoch: 2 }),
        genesisWith({ authorities, threshold: { ...threshold, attestation: 2 } }, two()),
        genesisWith({ authorities: [authority('developer', stranger)] }, policyText(), stranger),
        genesisWith({ authorities: [...authorities.slice(0, 1), authority('someone', stranger)] }, two()),
      ]) {
        expect(await refusal(changes)).toMatch(/^STATEMENT_INVALID: .*different authorities/);
      }
      const sound = start(genesisWith({ authorities }, two()));
      const policyStatement = sign(policyPayload(parsePolicy(sound.policy), null, NOW), 'policy');
      await expect(startLedger({ ...sound, policyStatement })).resolves.toBeDefined();
    });
  });

  it('refuses one id for both statements: a statement counts once', async () => {
    const compiled = parsePolicy(policyText());
    const common = { signer: compiled.signer, id: 'a'.repeat(32), epoch: 1, issuedAt: ISSUED };
    const genesis = buildPayload('genesis', {
      ...common,
      publicKey: addressOf('ledger'),
      authorities: [{ id: 'developer', ssh: developer.publicKey }],
      threshold: compiled.sovereign.threshold,
      policy: compiled.sha256,
    });
    const policy = buildPayload('policy', {
      ...common,
      serial: 1,
      previous: NO_POLICY,
      sha256: compiled.sha256,
    });
    expect(
      await refusal({ genesis: sign(genesis, 'genesis'), policyStatement: sign(policy, 'policy') }),
    ).toMatch(/^STATEMENT_INVALID: .*have the same id/);
  });

  it('keeps the IDLs that came with the policy', async () => {
    const idl = Buffer.from('{"instructions":[]}');
    const options = start({ blobs: [idl] });
    await startLedger(options);
    expect(readFileSync(join(options.directory, 'blobs', sha256Hex(idl))).equals(idl)).toBe(true);
  });

  it.each([
    ['a later serial', { serial: 2 }, /serial 2, policy.yaml 1/],
    ['a policy before it', { previous: 'c'.repeat(64) }, /64 zeros/],
    ['another policy', { sha256: 'd'.repeat(64) }, /names d{64}/],
  ])('refuses a policy statement with %s', async (_, fields, expected) => {
    const compiled = parsePolicy(policyText());
    const payload = buildPayload('policy', {
      signer: compiled.signer,
      id: 'e'.repeat(32),
      epoch: 1,
      issuedAt: ISSUED,
      serial: 1,
      previous: NO_POLICY,
      sha256: compiled.sha256,
      ...fields,
    });
    expect(await refusal({ policyStatement: sign(payload, 'policy') })).toMatch(expected);
  });

  it('refuses a policy statement in the place of genesis, and the other way round', async () => {
    const { genesis, policyStatement } = start();
    expect(await refusal({ genesis: policyStatement })).toMatch(/^STATEMENT_INVALID: .*kind policy/);
    expect(await refusal({ policyStatement: genesis })).toMatch(/^STATEMENT_INVALID: .*kind genesis/);
  });
});
