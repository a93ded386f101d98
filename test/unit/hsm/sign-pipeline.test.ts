import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import type { Pubkey } from '../../../src/core/pubkey.js';
import { decodeSign, FrameReader } from '../../../src/hsm/frames.js';
import { SignPipeline } from '../../../src/hsm/sign-pipeline.js';
import { outcome } from '../../support/hsm/outcome.js';

/** A host that keeps what it is sent and answers when told. */
class RecordingHost {
  readonly sent: { id: number; handle: number; message: string }[] = [];
  readonly killed: string[] = [];
  readonly #reader = new FrameReader();

  send(frame: Buffer): void {
    this.#reader.push(frame);
    const sent = this.#reader.next();
    if (sent === null) throw new TypeError('half a frame was sent');
    const { id, handle, message } = decodeSign(sent.body);
    this.sent.push({ id, handle, message: message.toString() });
  }

  kill(reason: string): void {
    this.killed.push(reason);
  }
}

const TIMING = { queue: 5000, watchdog: 10_000 };
const SIGNATURE = new Uint8Array(64).fill(7);
let pipeline: SignPipeline;
let host: RecordingHost;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  pipeline = new SignPipeline('main', TIMING);
  host = new RecordingHost();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Changes {
  readonly key?: string;
  readonly workload?: string;
  readonly priority?: 'high';
  readonly dispatch?: () => void;
}

function sign(text: string, changes: Changes = {}) {
  const { key = 'a', workload = 'agent', priority = 'normal', dispatch = () => undefined } = changes;
  const signature = pipeline.sign(
    { key: key as Pubkey, workload, priority, message: Buffer.from(text), dispatch },
    key === 'a' ? 0 : 1,
  );
  signature.catch(() => undefined);
  return signature;
}

function sentMessages(): string[] {
  return host.sent.map(({ message }) => message);
}

describe('sign pipeline', () => {
  it('calls dispatch just before the bytes leave, and once', async () => {
    pipeline.attach(host);
    const seen: number[] = [];
    const signature = sign('m', { dispatch: () => void seen.push(host.sent.length) });
    expect(seen).toEqual([0]);
    expect(host.sent).toEqual([{ id: 0, handle: 0, message: 'm' }]);
    pipeline.signature(0, SIGNATURE);
    expect(await signature).toBe(SIGNATURE);
    expect(seen).toEqual([0]);
  });

  it('never asks the token when dispatch throws, and serves the next', async () => {
    const frozen = new ChanceryError('KEY_FROZEN', 'frozen');
    const refused = sign('first', {
      dispatch: () => {
        throw frozen;
      },
    });
    void sign('second');
    pipeline.attach(host);
    await expect(refused).rejects.toBe(frozen);
    expect(sentMessages()).toEqual(['second']);
  });

  it('keeps a window in flight and the rest where a vote can overtake them', () => {
    pipeline.attach(host);
    for (let index = 0; index < 20; index++) void sign(String(index));
    expect(pipeline.load).toEqual({ waiting: 4, inFlight: 16 });
    void sign('vote', { key: 'b', priority: 'high' });
    pipeline.signature(0, SIGNATURE);
    pipeline.batch();
    expect(sentMessages()[16]).toBe('vote');
    expect(host.sent[16]?.handle).toBe(1);
  });

  it('serves another workload of the same key before the rest of what one asked', () => {
    pipeline.attach(host);
    for (let index = 0; index < 30; index++) void sign(String(index));
    void sign('other', { workload: 'other agent' });
    pipeline.signature(0, SIGNATURE);
    pipeline.signature(1, SIGNATURE);
    pipeline.batch();
    expect(sentMessages().slice(16)).toEqual(['16', 'other']);
  });

  it('dispatches nothing without a host or after pause, but takes the answers it is owed', async () => {
    pipeline.attach(host);
    const first = sign('first');
    pipeline.pause();
    void sign('second');
    pipeline.signature(0, SIGNATURE);
    pipeline.batch();
    expect(await first).toBe(SIGNATURE);
    expect(sentMessages()).toEqual(['first']);
    expect(pipeline.load).toEqual({ waiting: 1, inFlight: 0 });
  });

  it('fails what was in flight when the host ends, and gives the next host what waits', async () => {
    pipeline.attach(host);
    const inFlight = Array.from({ length: 16 }, (_, index) => sign(String(index)));
    const waiting = sign('waiting');
    expect(pipeline.detach('signal SIGSEGV')).toBe(16);
    for (const lost of inFlight) {
      await expect(lost).rejects.toMatchObject({ code: 'HSM_UNAVAILABLE', message: /signal SIGSEGV/ });
    }
    host = new RecordingHost();
    pipeline.attach(host);
    expect(sentMessages()).toEqual(['waiting']);
    pipeline.signature(host.sent[0]!.id, SIGNATURE);
    expect(await waiting).toBe(SIGNATURE);
  });

  it('fails a request that waited 5 s for its dispatch, host or no host', async () => {
    const waiting = sign('waiting');
    await vi.advanceTimersByTimeAsync(3000);
    const younger = sign('younger');
    await vi.advanceTimersByTimeAsync(2400);
    await expect(waiting).rejects.toMatchObject({ code: 'HSM_UNAVAILABLE', message: /more than 5000 ms/ });
    expect(pipeline.load).toEqual({ waiting: 1, inFlight: 0 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(await outcome(younger)).toBe('HSM_UNAVAILABLE');
  });

  it('kills a host that owes an answer and makes no progress', async () => {
    pipeline.attach(host);
    void sign('first');
    void sign('second');
    await vi.advanceTimersByTimeAsync(9000);
    pipeline.signature(0, SIGNATURE);
    pipeline.batch();
    await vi.advanceTimersByTimeAsync(9000);
    expect(host.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1100);
    expect(host.killed).toEqual(['no answer for 10000 ms']);
  });

  it('gives the host its time again when the daemon itself stood still, and kills nobody for that', async () => {
    pipeline.attach(host);
    void sign('first');
    const running = performance.now.bind(performance);
    await vi.advanceTimersByTimeAsync(9000);
    // The process, or the machine, is stopped; its timer goes first when it goes on.
    const now = vi.spyOn(performance, 'now').mockImplementation(() => running() + 60_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(9900);
    expect(host.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(host.killed).toEqual(['no answer for 10000 ms']);
    now.mockRestore();
  });

  it('leaves an idle host alone', async () => {
    pipeline.attach(host);
    void sign('first');
    pipeline.signature(0, SIGNATURE);
    pipeline.batch();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.killed).toEqual([]);
  });

  it('names the code of a request the token refused', async () => {
    pipeline.attach(host);
    const refused = sign('m');
    pipeline.signFailed(0, 0x21);
    await expect(refused).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: 'token main could not sign: CKR_DATA_LEN_RANGE (0x21)',
    });
  });

  it('does not accept an answer to another request, to none, or twice', () => {
    pipeline.attach(host);
    expect(() => {
      pipeline.signature(0, SIGNATURE);
    }).toThrow(TypeError);
    void sign('first');
    void sign('second');
    expect(() => {
      pipeline.signature(1, SIGNATURE);
    }).toThrow(/out of order/);
    pipeline.signature(0, SIGNATURE);
    expect(() => {
      pipeline.signature(0, SIGNATURE);
    }).toThrow(/out of order/);
  });

  it('bounds what waits', async () => {
    for (let index = 0; index < 10_000; index++) void sign('m');
    expect(await outcome(sign('one more'))).toBe('OVERLOADED');
  });
});
