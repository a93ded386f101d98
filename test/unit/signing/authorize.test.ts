import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import { Denials } from '../../../src/signing/denials.js';
import type { Path } from '../../../src/signing/path.js';
import { signTransaction } from '../../../src/signing/sign.js';
import { OTHER_AGENT } from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { signingRig, type Rig } from '../../support/signing-rig.js';

const HOUR = 3_600_000;
const TOO_MUCH = 600_000_000n;

interface Asked {
  readonly key?: string;
  readonly transaction?: Uint8Array;
  readonly path?: Partial<Path>;
  readonly workload?: string;
}

function ask(rig: Rig, { key = 'trading-1', transaction = rig.wire(), path = {}, workload }: Asked = {}) {
  const caller = workload === undefined ? rig.caller : { ...rig.caller, workload };
  return signTransaction({ ...rig.path, ...path }, caller, { key, transaction, id: 'request-1' });
}

async function codeOf(rig: Rig, asked: Asked = {}): Promise<string> {
  return (await rejected(ask(rig, asked))).code;
}

function written(rig: Rig): string[] {
  return rig
    .entries()
    .map(({ type }) => type)
    .slice(3);
}

describe('I10: nothing is authorized', () => {
  it('when the wall clock has jumped', async () => {
    const rig = await signingRig();
    const boot = rig.clock.now;
    rig.clock.boot = () => boot;
    rig.clock.now += HOUR;
    expect(await codeOf(rig)).toBe('CLOCK_JUMPED');
    expect(written(rig)).toEqual([]);
  });

  it('while the ledger is not anchored as the policy requires', async () => {
    const rig = await signingRig();
    const stopped = new ChanceryError('LEDGER_UNAVAILABLE', 'no anchor took a checkpoint');
    expect(await codeOf(rig, { path: { stops: () => stopped } })).toBe('LEDGER_UNAVAILABLE');
    expect(written(rig)).toEqual([]);
  });

  it('while an anchor stands against the ledger, which grows by no denial then', async () => {
    const rig = await signingRig();
    const stopped = new ChanceryError('LEDGER_UNAVAILABLE', 'the ledger may have been rolled back');
    const path = { stops: () => stopped };
    const transaction = Buffer.from('no transaction');
    expect(await codeOf(rig, { path, transaction })).toBe('MALFORMED_TRANSACTION');
    expect(written(rig)).toEqual([]);
  });
});

describe('an attestation that either clock says has expired', () => {
  it('does not count when it is the ledger’s', async () => {
    const rig = await signingRig();
    rig.clock.now += HOUR + 1000;
    await rig.append({ type: 'tick' });
    rig.clock.now -= 2000;
    expect(await codeOf(rig)).toBe('ATTESTATION_EXPIRED');
    expect(written(rig)).toEqual(['tick', 'denial']);
  });

  it('does not count when it is the boot clock', async () => {
    const rig = await signingRig();
    rig.clock.boot = () => rig.clock.now + 3000;
    rig.clock.now += HOUR - 1000;
    expect(await codeOf(rig)).toBe('ATTESTATION_EXPIRED');
    expect(written(rig)).toEqual(['denial']);
  });
});

describe('while the wall clock lags the boot clock, within the tolerance', () => {
  const LAG = 4000;

  async function lagging(changes: Parameters<typeof signingRig>[0]): Promise<Rig> {
    const rig = await signingRig(changes);
    rig.clock.boot = () => rig.clock.now + LAG;
    return rig;
  }

  it('no window of the ledger holds more than its limit: windows go by the times of the entries', async () => {
    const rig = await lagging({
      limits: [{ asset: 'SOL', window: '10m', max: '1 SOL' }],
      rate: { max: 1, window: '1m' },
    });
    const start = rig.clock.now;
    // The end of a bucket: nothing is counted for longer than the window.
    const first = start + 9999;
    rig.clock.now = first;
    await ask(rig, { transaction: rig.wire(600_000_000n) });
    rig.clock.now = first + 60_000 - LAG + 1;
    expect(await codeOf(rig)).toBe('RATE_LIMITED');
    rig.clock.now = first + 600_000 - LAG + 1;
    expect(await codeOf(rig, { transaction: rig.wire(600_000_000n) })).toBe('SPEND_LIMIT_EXCEEDED');
    rig.clock.now = first + 600_001;
    await ask(rig, { transaction: rig.wire(600_000_000n) });
  });

  it('signing is open only when both clocks say so', async () => {
    const rig = await lagging({ hours: { zone: 'UTC', days: 'thu', from: '00:10', to: '00:20' } });
    const start = rig.clock.now;
    const at = (minutes: number): void => {
      rig.clock.now = start + minutes * 60_000 - LAG / 2;
    };
    at(10);
    const early = await rejected(ask(rig));
    expect(early.failures).toMatchObject([
      { code: 'OUTSIDE_HOURS', resetsAt: new Date(start + 600_000).toISOString() },
    ]);
    at(15);
    await ask(rig);
    at(20);
    expect(await codeOf(rig)).toBe('OUTSIDE_HOURS');
  });
});

describe('a refusal', () => {
  it('writes no authorization, and names every rule that failed', async () => {
    const rig = await signingRig({ programs: ['memo'] });
    const error = await rejected(ask(rig, { transaction: rig.wire(TOO_MUCH) }));
    expect(error.failures.map(({ code }) => code).sort()).toEqual([
      'PROGRAM_NOT_ALLOWED',
      'SPEND_LIMIT_EXCEEDED',
    ]);
    expect(written(rig)).toEqual(['denial']);
    expect(rig.entries().at(-1)).toMatchObject({
      key: 'trading-1',
      codes: ['PROGRAM_NOT_ALLOWED', 'SPEND_LIMIT_EXCEEDED'],
    });
  });

  it('is recorded with its one code when no rule was asked', async () => {
    const rig = await signingRig();
    expect(await codeOf(rig, { transaction: Buffer.from([1]) })).toBe('MALFORMED_TRANSACTION');
    expect(rig.entries().at(-1)).toMatchObject({ key: 'trading-1', codes: ['MALFORMED_TRANSACTION'] });
  });

  it('never writes a name that the caller made up', async () => {
    const rig = await signingRig();
    expect(await codeOf(rig, { key: 'made-up' })).toBe('UNKNOWN_KEY');
    expect(rig.entries().at(-1)).toMatchObject({ type: 'denial', codes: ['UNKNOWN_KEY'] });
    expect(rig.entries().at(-1)).not.toHaveProperty('key');
  });

  it('tells a workload of no key that is not its own, the ledger key among them', async () => {
    const rig = await signingRig();
    expect(await codeOf(rig, { workload: OTHER_AGENT })).toBe('UNKNOWN_KEY');
    expect(await codeOf(rig, { key: 'ledger' })).toBe('UNKNOWN_KEY');
  });

  it('that says something of us is recorded nowhere', async () => {
    const rig = await signingRig();
    rig.clock.boot = () => 0;
    expect(await codeOf(rig)).toBe('CLOCK_JUMPED');
    await rig.path.denials.flush(Number.POSITIVE_INFINITY);
    expect(written(rig)).toEqual([]);
  });

  it('fills no more of the ledger than the share of the caller, also before anything is decided', async () => {
    const rig = await signingRig();
    const path = { dailyBytesPerUid: 1 };
    const malformed = Buffer.from([1]);
    expect(await codeOf(rig, { path, transaction: malformed })).toBe('MALFORMED_TRANSACTION');
    expect(written(rig)).toEqual(['denial']);
    expect(await codeOf(rig, { path, transaction: malformed, key: 'another' })).toBe('MALFORMED_TRANSACTION');
    expect(written(rig)).toEqual(['denial']);
  });

  it('stands where it was decided, before what others were granted meanwhile (I5)', async () => {
    const rig = await signingRig({ rate: { max: 1, window: '1m' } });
    const [refused] = await Promise.all([codeOf(rig, { transaction: rig.wire(TOO_MUCH) }), ask(rig)]);
    expect(refused).toBe('SPEND_LIMIT_EXCEEDED');
    expect(written(rig)).toEqual(['denial', 'authorization', 'signature']);
  });

  it('stands though it cannot be written, and hides nothing that was not expected', async () => {
    const failing = async (error: Error, transaction?: Uint8Array): Promise<unknown> => {
      const rig = await signingRig();
      const ledger = Object.create(rig.ledger, {
        state: { value: rig.ledger.state },
        transact: {
          value: (decide: Parameters<Path['ledger']['transact']>[0]) => {
            decide(rig.ledger.state, rig.clock.now);
            return Promise.reject(error);
          },
        },
      }) as Path['ledger'];
      const path = { ledger, denials: new Denials(ledger) };
      return ask(rig, { path, transaction: transaction ?? rig.wire(TOO_MUCH) }).catch(
        (cause: unknown) => cause,
      );
    };
    const stopped = new ChanceryError('LEDGER_UNAVAILABLE', 'EIO');
    const bug = new TypeError('a bug');
    expect(await failing(stopped)).toMatchObject({ code: 'SPEND_LIMIT_EXCEEDED' });
    expect(await failing(bug)).toBe(bug);
    const malformed = Buffer.from([1]);
    expect(await failing(stopped, malformed)).toMatchObject({ code: 'MALFORMED_TRANSACTION' });
    expect(await failing(bug, malformed)).toBe(bug);
  });
});
