import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a policy may name (policy/schema.ts), and how many threads libuv has by itself. */
const [MOST_ANCHORS, OF_NODE] = [8, 4];

it('I10: the daemon has more threads for files than anchors that may hang, however it is started', () => {
  const [first = ''] = readFileSync(`${ROOT}src/cli/main.ts`, 'utf8').split('\n');
  const unit = readFileSync(`${ROOT}docs/systemd/chancery.service`, 'utf8').split('\n');
  const [, threads = '', flags = ''] =
    /^#!\/usr\/bin\/env -S (UV_THREADPOOL_SIZE=\d+) node (.+)$/.exec(first) ?? [];
  expect(Number(threads.split('=')[1])).toBeGreaterThanOrEqual(MOST_ANCHORS + OF_NODE);
  expect(unit).toContain(`Environment=${threads}`);
  expect(unit.find((line) => line.startsWith('ExecStart='))).toContain(`/usr/bin/node ${flags} `);
});
