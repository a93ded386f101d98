import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hardenProcess } from '../../../src/os/process-hardening.js';

it('leaves no core dump and nothing in /proc to others of this uid', () => {
  hardenProcess();
  const limits = readFileSync('/proc/self/limits', 'latin1');
  expect(/^Max core file size\s+(\d+)\s+(\d+)/m.exec(limits)?.slice(1)).toEqual(['1', '1']);
  // The kernel gives the files of an undumpable process to root.
  expect(statSync(`/proc/${String(process.pid)}/status`).uid).toBe(0);
});
