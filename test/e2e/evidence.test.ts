import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pubkeyBytes, parseAddress } from '../../src/core/pubkey.js';
import { ledgerNoteKey } from '../../src/ledger/note/checkpoint.js';
import type { NoteKey } from '../../src/ledger/note/key.js';
import { verifyNote } from '../../src/ledger/note/verify-note.js';
import { FaultyDisk } from '../support/disk/faulty-disk.js';
import { FakeWitness } from '../support/fake-witness.js';
import { freeze } from '../support/site/admin.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { rpc } from '../support/site/rpc.js';
import { sign, tradingKey } from '../support/site/signing.js';
import { Site } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';
import { verifyTlogProof } from '../support/tlog-proof.js';

describe('evidence, with the real daemon on SoftHSM', () => {
  let site: Site;
  let publicKey: string;
  let nonce = 0;

  beforeAll(async () => {
    site = await Site.make();
    await mkdir(join(site.directory, '..', 'elsewhere'));
    await site.start();
    publicKey = (await tradingKey(site)).publicKey;
  });

  afterAll(async () => {
    await site.remove();
  });

  const signOnce = () => sign(site, transfer(publicKey, 1000n, ++nonce));
  const part = (name: string): string => join(site.directory, name);
  const copy = async (name: string, to: string): Promise<void> => {
    await rm(join(site.directory, '..', to), { recursive: true, force: true });
    await cp(part(name), join(site.directory, '..', to), { recursive: true });
  };
  const restore = async (name: string, from: string): Promise<void> => {
    await rm(part(name), { recursive: true });
    await cp(join(site.directory, '..', from), part(name), { recursive: true });
  };
  const problems = async (): Promise<string> => {
    const status = await rpc<{ problems: string[] }>(site.adminSocket, 'getStatus');
    if (!status.ok) throw new Error(JSON.stringify(status.error));
    return status.result.problems.join('\n');
  };
  const ledgerKey = async (): Promise<NoteKey> => {
    const [genesis] = ofType(await ledgerLines(site.ledger), 'genesis');
    return ledgerNoteKey(genesis!.origin, pubkeyBytes(parseAddress(genesis!.publicKey)!))!;
  };

  it('gives a proof of an entry at once, which the files alone give too', async () => {
    await site.attest();
    const answer = await signOnce();
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const { sequence, hash } = answer.result.entry;
    const given = await rpc<string>(site.signerSocket, 'getProof', { sequence });
    if (!given.ok) throw new Error(JSON.stringify(given.error));
    const key = await ledgerKey();
    expect(verifyTlogProof(given.result, Buffer.from(hash, 'hex'), key.name, [key])).toMatchObject({
      ok: true,
      index: Number(sequence),
    });
    const kept = join(site.directory, '..', 'kept');
    await writeFile(kept, given.result.slice(given.result.indexOf('\n\n') + 2));
    const proved = await site.chancery(
      'ledger',
      'prove',
      '--config',
      site.config,
      '--sequence',
      sequence,
      '--checkpoint',
      kept,
    );
    expect(proved).toMatchObject({ code: 0, stdout: given.result });
    expect(await rpc(site.signerSocket, 'getProof', { sequence: '999999' })).toMatchObject({
      ok: false,
      error: { data: { code: 'MALFORMED_REQUEST' } },
    });
  });

  it('relay has a witness cosign the checkpoint of the running daemon', async () => {
    const witness = await FakeWitness.start('w1', await ledgerKey());
    try {
      const policy = join(site.directory, '..', 'witnesses');
      await writeFile(policy, `${witness.policyLine}\nquorum w1\n`);
      const once = ['relay', '--config', site.config, '--witnesses', policy, '--once'];
      const cosigned = await site.chancery(...once);
      expect(cosigned).toMatchObject({ code: 0 });
      expect(cosigned.stdout).toMatch(/^\d+ entries cosigned by the quorum\n$/);
      const note = await readFile(join(site.ledger, 'cosigned'));
      expect(verifyNote(note, [await ledgerKey(), witness.key])).toMatchObject({
        ok: true,
        verified: [{ time: null }, { time: witness.now }],
      });
      await witness.stop();
      const alone = await site.chancery(...once);
      expect(alone.code).toBe(1);
      expect(alone.stdout).toContain('w1: TIMEOUT');
    } finally {
      await witness.stop();
    }
  });

  it('I10: anchors that a new policy requires hold a checkpoint when it is in force, and signing goes on', async () => {
    const file = join(site.directory, '..', 'elsewhere', 'checkpoint');
    await site.changePolicy((text) =>
      text.replace(
        /^workloads:/m,
        `anchors:\n  - { kind: file, path: ${JSON.stringify(file)} }\n  - { kind: token, token: main }\nworkloads:`,
      ),
    );
    expect((await signOnce()).ok).toBe(true);
    expect(await site.stop()).toBe(0);
    // The last checkpoint covers the stop entry, in the anchor too.
    expect(await readFile(file, 'utf8')).toBe(await readFile(join(site.ledger, 'checkpoint'), 'utf8'));
    expect(Number((await readFile(file, 'utf8')).split('\n')[1])).toBe(
      (await ledgerLines(site.ledger)).length,
    );
  });

  it('I10: an anchor that does not answer holds up neither start, stop nor freeze; once it does, the run begins in the ledger', async () => {
    await site.configure((text) =>
      text.replace(/^ledger: .*/m, 'ledger: { directory: ledger, checkpointInterval: 1s }'),
    );
    const disk = new FaultyDisk(join(site.directory, '..', 'elsewhere'));
    disk.command('read checkpoint hold');
    const size = (await ledgerLines(site.ledger)).length;
    await site.start(undefined, disk.environment);
    expect(await problems()).toMatch(/the anchor file \S+ does not answer/);
    expect(await signOnce()).toMatchObject({ ok: false, error: { data: { code: 'LEDGER_UNAVAILABLE' } } });
    expect(await site.stop()).toBe(0);
    await site.start(undefined, disk.environment);
    const frozen = await freeze(site, 'it may be the disk', 'ledger');
    expect(frozen).toMatchObject({ ok: true });
    disk.command();
    await vi.waitFor(async () => {
      expect(await problems()).not.toMatch(/anchor/);
    }, 10_000);
    expect((await signOnce()).ok).toBe(true);
    expect(await site.stop()).toBe(0);
    const types = (await ledgerLines(site.ledger)).slice(size).map(({ type }) => type);
    expect(types).toEqual(['freeze', 'start', 'authorization', 'signature', 'stop']);
    await site.start();
    if (frozen.ok) await site.unfreeze(frozen.result.entry.hash);
    expect(await site.stop()).toBe(0);
  });

  it('I10: an older copy of the directory signs nothing, answers reads, and says why', async () => {
    await copy('ledger', 'old-ledger');
    await copy('tokens', 'old-tokens');
    await copy('../elsewhere', 'old-elsewhere');
    await site.start();
    expect((await signOnce()).ok).toBe(true);
    expect(await site.stop()).toBe(0);
    await restore('ledger', 'old-ledger');
    const size = (await ledgerLines(site.ledger)).length;
    await site.start();
    expect(await signOnce()).toMatchObject({ ok: false, error: { data: { code: 'LEDGER_UNAVAILABLE' } } });
    expect((await tradingKey(site)).publicKey).toBe(publicKey);
    const said = await problems();
    expect(said).toMatch(/the anchor file \S+ holds a checkpoint of \d+ entries, the ledger has \d+/);
    expect(said).toMatch(/the anchor token main holds a checkpoint of \d+ entries/);
    expect(await rpc(site.adminSocket, 'createChallenge')).toMatchObject({
      ok: false,
      error: { data: { code: 'LEDGER_UNAVAILABLE' } },
    });
    // Nothing was written: what the Sovereign may accept is what was found.
    expect((await ledgerLines(site.ledger)).length).toBe(size);
    const attested = await site.chancery(
      'attest',
      'issue',
      '--config',
      site.config,
      '--workload',
      'spiffe://dev.chancery.local/agent',
      '--key',
      'trading-1',
      '--ttl',
      '5m',
      '--identity',
      site.sovereignKey,
      '--submit',
    );
    expect(attested.code).toBe(1);
    expect(attested.stderr).toContain('LEDGER_UNAVAILABLE');
  });

  it('I8: only the exact size and root are accepted; then statements are void and windows full', async () => {
    const [, size, root] = /found with (\d+) entries and root (\S+):/.exec(await problems())!;
    const accept = (entries: string) =>
      site.chancery(
        'ledger',
        'accept-rollback',
        '--config',
        site.config,
        '--size',
        entries,
        '--root',
        root!,
        '--identity',
        site.sovereignKey,
      );
    const wrong = await accept(String(Number(size) + 1));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('STATEMENT_INVALID');
    expect(await accept(size!)).toMatchObject({ code: 0 });
    expect(await problems()).toBe('');
    expect(await signOnce()).toMatchObject({ ok: false, error: { data: { code: 'ATTESTATION_REVOKED' } } });
    await site.attest();
    const refused = await signOnce();
    expect(refused).toMatchObject({ ok: false, error: { data: { code: 'SPEND_LIMIT_EXCEEDED' } } });
    // It stays so after a restart, and the anchors hold the accepted history.
    expect(await site.stop()).toBe(0);
    await site.start();
    expect(await problems()).toBe('');
    expect(await signOnce()).toMatchObject({ ok: false, error: { data: { code: 'SPEND_LIMIT_EXCEEDED' } } });
    expect(await site.stop()).toBe(0);
    const verified = await site.chancery('ledger', 'verify', '--config', site.config);
    expect(verified).toMatchObject({ code: 0 });
  });

  it('I8: the word that accepted one rollback accepts no second one to the same place', async () => {
    const file = join(site.directory, '..', 'accept.statement.json');
    const said = ofType(await ledgerLines(site.ledger), 'statement').findLast(
      ({ kind }) => kind === 'accept-rollback',
    );
    await writeFile(file, JSON.stringify(said?.statement));
    await copy('ledger', 'accepted-ledger');
    await restore('ledger', 'old-ledger');
    await site.start();
    const before = await problems();
    expect(before).toMatch(/the anchor file \S+ holds a checkpoint of \d+ entries/);
    const again = await site.chancery('attest', 'submit', file, '--config', site.config);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/STATEMENT_INVALID: .*issued before this rollback was found/);
    expect(await problems()).toBe(before);
    expect(await site.stop()).toBe(0);
    await restore('ledger', 'accepted-ledger');
  });

  it('an older copy of the token alone loses nothing and is brought up to date', async () => {
    await restore('tokens', 'old-tokens');
    await site.start();
    // What it holds is the beginning of this ledger.
    expect(await problems()).toBe('');
    expect(await site.stop()).toBe(0);
  });

  it('is blind to older copies of everything at once: an anchor in the same backup proves nothing', async () => {
    await restore('ledger', 'old-ledger');
    await restore('tokens', 'old-tokens');
    await rm(join(site.directory, '..', 'elsewhere'), { recursive: true });
    await cp(join(site.directory, '..', 'old-elsewhere'), join(site.directory, '..', 'elsewhere'), {
      recursive: true,
    });
    await site.start();
    expect(await problems()).toBe('');
    expect((await signOnce()).ok).toBe(true);
  });
});
