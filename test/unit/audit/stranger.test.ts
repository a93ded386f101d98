import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FEE } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';

const page = readFileSync(new URL('../../../docs/ledger-format.md', import.meta.url), 'utf8');
/** The shell blocks of the page, in order. */
const [oneLine = '', everyLine = '', read = ''] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(
  (match) => match[1] ?? '',
);

let work: string;
let directory: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'chancery-stranger-'));
  directory = join(work, 'ledger');
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

function shell(script: string): string {
  const env = { PATH: process.env['PATH'], LEDGER: directory, WORK: work };
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
});
