import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { FEE, LEDGER_KEY, ORIGIN, SOVEREIGN } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { publicKeyLine } from '../../support/sshsig-by-hand.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const page = readFileSync(new URL('../../../docs/ledger-format.md', import.meta.url), 'utf8');
/** The shell blocks of the page, in order. */
const [oneLine = '', everyLine = '', read = '', whoseWord = '', checkpoint = ''] = [
  ...page.matchAll(/```sh\n([\s\S]*?)```/g),
].map((match) => match[1] ?? '');

let work: string;
let directory: string;
beforeEach(() => {
  work = temporaryDirectory();
  directory = join(work, 'ledger');
});

function shell(script: string): string {
  const env = {
    PATH: process.env['PATH'],
    LEDGER: directory,
    WORK: work,
    AUTHORITIES: join(work, 'authorities'),
    CHECKPOINT: join(work, 'checkpoint'),
    KEY: LEDGER_KEY.address,
  };
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('docs/ledger-format.md', () => {
  it('lets a stranger check one hash', () => {
    soundLedger(1).write(directory);
    expect(shell(oneLine)).toBe('hash holds\n');
  });

  it('lets a stranger check the chain, over segments and before reserved space', () => {
    const ledger = soundLedger(1);
    ledger.write(directory, 7);
    appendFileSync(join(directory, '000000000014.ledger'), Buffer.alloc(5000));
    expect(shell(everyLine)).toBe(`${String(ledger.lines.length)} entries, head ${ledger.head}\n`);
  });

  it('lets a stranger find a changed and a dropped entry', () => {
    const ledger = soundLedger(1);
    ledger.write(directory);
    const path = join(directory, '000000000000.ledger');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"fee":"', '"fee":"9'));
    expect(() => shell(everyLine)).toThrow(
      expect.objectContaining({ stdout: 'entry 4: the hash does not hold\n' }),
    );
    writeFileSync(path, ledger.lines.filter((_, index) => index !== 2).join(''));
    expect(() => shell(everyLine)).toThrow(
      expect.objectContaining({ stdout: 'entry 2: the chain does not hold\n' }),
    );
  });

  it('lets a stranger read what was authorized', () => {
    soundLedger(1).write(directory);
    expect(shell(read).split('\n')[0]?.split('\t')).toEqual([
      '4',
      '2026-03-01T10:00:00.050Z',
      'trading-1',
      'spiffe://dev.chancery.local/agent',
      String(1000n + FEE),
    ]);
  });

  it('lets a stranger with the public keys of the Sovereign check whose word it was', () => {
    const said = ['0 genesis', '1 policy', '3 attestation', '16 unfreeze'];
    const ledger = soundLedger(3);
    ledger.write(directory);
    writeFileSync(join(work, 'authorities'), `alice ${publicKeyLine(SOVEREIGN)}\n`);
    expect(shell(whoseWord)).toBe(said.map((line) => `${line} by alice\n`).join(''));
    const path = join(directory, '000000000000.ledger');
    const text = readFileSync(path, 'utf8');
    const { statement } = JSON.parse(ledger.lines[3]!.slice(65)) as { statement: { payload: string } };
    const wider = Buffer.from(statement.payload, 'base64').toString('utf8').replace('trading-1', 'trading-2');
    writeFileSync(path, text.replace(statement.payload, Buffer.from(wider).toString('base64')));
    expect(shell(whoseWord)).toContain(
      '1 policy by alice\n3: a signature does not hold\n16 unfreeze by alice',
    );
    const { signatures } = (JSON.parse(ledger.lines[3]!.slice(65)) as { statement: { signatures: object } })
      .statement;
    const without = text.replace(JSON.stringify(signatures), '[]').replace('"statement":{', '"said":{');
    writeFileSync(path, without);
    expect(shell(whoseWord).split('\n')).toEqual([
      '0 : no signature by SSH',
      '1 policy by alice',
      '3 attestation: no signature by SSH',
      '16 unfreeze by alice',
      '',
    ]);
  });

  it('lets a stranger with the public key of the ledger check a checkpoint, also one of fewer entries', () => {
    const { lines } = soundLedger(3);
    const check = (signed: readonly string[], kept: readonly string[] = lines): string => {
      writeFileSync(join(work, 'checkpoint'), checkpointOf(signed));
      writeFileSync(join(work, 'lines'), kept.join(''));
      return shell(checkpoint);
    };
    for (const size of [1, 2, 7, lines.length]) {
      expect(check(lines.slice(0, size))).toBe(
        `${String(size)} entries of ${ORIGIN}: the root holds\nSignature Verified Successfully\n`,
      );
    }
    const root = `${String(lines.length)} entries of ${ORIGIN}: the root does not hold\n`;
    expect(check(lines, lines.slice(1))).toContain(root);
    expect(check(lines, [...lines.slice(0, 3), lines[4]!, lines[3]!, ...lines.slice(5)])).toContain(root);
    const path = join(work, 'checkpoint');
    writeFileSync(path, readFileSync(path, 'utf8').replace(`\n${String(lines.length)}\n`, '\n7\n'));
    expect(() => shell(checkpoint)).toThrow(
      expect.objectContaining({
        stdout: `7 entries of ${ORIGIN}: the root does not hold\nSignature Verification Failure\n`,
      }),
    );
  });
});
