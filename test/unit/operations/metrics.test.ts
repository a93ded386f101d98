import { describe, expect, it } from 'vitest';
import { ONE_OF_SEVERAL } from '../../../src/daemon/signer-routes.js';
import { Metrics } from '../../../src/operations/metrics.js';
import { health, type Ailment } from '../../../src/operations/health.js';
import { COUNTED_EVENTS } from '../../../src/daemon/counted-events.js';
import { readFile } from 'node:fs/promises';

const WELL = health([]);
const METHODS = { signer: ['signTransaction', ONE_OF_SEVERAL], admin: ['freeze'] };

/** `event` of every series of `chancery_events_total` with its value. */
function events(text: string): Map<string, string> {
  const lines = text.matchAll(/^chancery_events_total\{event="([^"]+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, event = '', value = '']) => [event, value]));
}

describe('what an alert waits for', () => {
  it('stands at zero before it happens: increase() sees no growth in a series that begins at 1', async () => {
    const metrics = new Metrics({ events: COUNTED_EVENTS, methods: METHODS });
    const before = await metrics.text(WELL);
    expect(new Set(events(before).values())).toEqual(new Set(['0']));
    for (const labels of [
      'socket="signer",method="signTransaction"',
      'socket="signer",method="signTransactions[]"',
      'socket="admin",method="freeze"',
    ]) {
      expect(before).toContain(`chancery_requests_total{${labels},code="INTERNAL"} 0\n`);
    }
    metrics.event('token_latched');
    expect(events(await metrics.text(WELL)).get('token_latched')).toBe('1');
  });

  it('is every event that docs/operations.md names in an alert', async () => {
    const text = await readFile('docs/operations.md', 'utf8');
    const named = [...text.matchAll(/chancery_events_total\{event=~?"([^"]+)"\}/g)].flatMap(
      ([, names = '']) => names.split('\\|'),
    );
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(COUNTED_EVENTS).toContain(name);
  });
});

describe('I10: how the daemon stands', () => {
  const lines = (text: string): string[] =>
    text.split('\n').filter((line) => /^chancery_(ready|ailments)/.test(line));
  const ailing = (
    component: Ailment['component'],
    code: Ailment['code'],
    stopsSigning: boolean,
  ): Ailment => ({
    component,
    code,
    message: 'of a token, a key, a path: never a label',
    stopsSigning,
  });

  it('is a gauge of each part and code that ails, and one of whether anything can be signed', async () => {
    const metrics = new Metrics({ events: [], methods: { signer: [], admin: [] } });
    expect(lines(await metrics.text(WELL))).toEqual(['chancery_ready 1']);
    const frozen = ailing('freeze', 'KEY_FROZEN', false);
    const token = ailing('token', 'HSM_UNAVAILABLE', false);
    expect(lines(await metrics.text(health([() => [frozen, frozen], () => [token]])))).toEqual([
      'chancery_ready 1',
      'chancery_ailments{component="freeze",code="KEY_FROZEN"} 2',
      'chancery_ailments{component="token",code="HSM_UNAVAILABLE"} 1',
    ]);
    expect(lines(await metrics.text(health([() => [ailing('token', 'HSM_UNAVAILABLE', true)]])))).toEqual([
      'chancery_ready 0',
      'chancery_ailments{component="freeze",code="KEY_FROZEN"} 0',
      'chancery_ailments{component="token",code="HSM_UNAVAILABLE"} 1',
    ]);
  });

  it('is named in the alerts as it is exported', async () => {
    const text = await readFile('docs/operations.md', 'utf8');
    const exported = await new Metrics({ events: [], methods: { signer: [], admin: [] } }).text(WELL);
    const named = new Set([...text.matchAll(/chancery_[a-z_]+(?=[ {)])/g)].map(([name]) => name));
    expect(named).toContain('chancery_ready');
    expect(named).toContain('chancery_ailments');
    for (const name of named) expect(exported).toContain(`# TYPE ${name} `);
  });
});
