import { describe, expect, it } from 'vitest';
import { ONE_OF_SEVERAL } from '../../../src/daemon/signer-routes.js';
import { Metrics } from '../../../src/operations/metrics.js';
import { COUNTED_EVENTS } from '../../../src/daemon/counted-events.js';
import { readFile } from 'node:fs/promises';

const METHODS = { signer: ['signTransaction', ONE_OF_SEVERAL], admin: ['freeze'] };

/** `event` of every series of `chancery_events_total` with its value. */
function events(text: string): Map<string, string> {
  const lines = text.matchAll(/^chancery_events_total\{event="([^"]+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, event = '', value = '']) => [event, value]));
}

describe('what an alert waits for', () => {
  it('stands at zero before it happens: increase() sees no growth in a series that begins at 1', async () => {
    const metrics = new Metrics({ events: COUNTED_EVENTS, methods: METHODS });
    const before = await metrics.text();
    expect(new Set(events(before).values())).toEqual(new Set(['0']));
    for (const labels of [
      'socket="signer",method="signTransaction"',
      'socket="signer",method="signTransactions[]"',
      'socket="admin",method="freeze"',
    ]) {
      expect(before).toContain(`chancery_requests_total{${labels},code="INTERNAL"} 0\n`);
    }
    metrics.event('token_latched');
    expect(events(await metrics.text()).get('token_latched')).toBe('1');
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
