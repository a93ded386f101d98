import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SnapshotLoop } from '../../../src/daemon/snapshot-loop.js';
import { Log } from '../../../src/operations/log.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const log = new Log('error', { write: () => undefined, flush: () => undefined });

it.each([
  [true, 'what the start did not read is not checked: EIO: i/o error, read'],
  [false, 'no snapshot is made: EIO: i/o error, read'],
])('I10: a turn that fails is told until one does not (unconfirmed: %s)', async (unconfirmed, trouble) => {
  const step = vi.fn().mockRejectedValueOnce(new Error('EIO: i/o error, read')).mockResolvedValue('nothing');
  const loop = new SnapshotLoop({
    snapshots: { step, unconfirmed },
    thread: { stop: () => Promise.resolve() },
    mayAppend: () => true,
    log,
  });
  expect(loop.trouble).toBeNull();
  loop.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(loop.trouble).toBe(trouble);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(loop.trouble).toBeNull();
  await loop.stop();
});

it('I10: a stop goes on without a thread that a file system holds', async () => {
  const loop = new SnapshotLoop({
    snapshots: { step: () => new Promise(() => undefined), unconfirmed: true },
    thread: { stop: () => new Promise(() => undefined) },
    mayAppend: () => true,
    log,
  });
  loop.start();
  const stopped = vi.fn();
  void loop.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(5000);
  expect(stopped).toHaveBeenCalled();
});
