import type { Peer } from '../identity/peer.js';
import type { HealthReport } from '../operations/health.js';
import type { Metrics } from '../operations/metrics.js';
import type { Page, Pages } from '../transport/call.js';

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it would sign, 503 with the reasons when not.
 * `GET /metrics`: Prometheus text. On the admin socket only.
 */
export function healthPages(report: () => HealthReport, metrics: Metrics): Pages<Peer> {
  const json = (status: number, value: HealthReport): Page => ({
    status,
    contentType: 'application/json',
    body: `${JSON.stringify(value)}\n`,
  });
  return new Map([
    ['/healthz', () => Promise.resolve(json(200, report()))],
    [
      '/readyz',
      () => {
        const current = report();
        return Promise.resolve(json(current.status === 'stopped' ? 503 : 200, current));
      },
    ],
    [
      '/metrics',
      async () => ({
        status: 200,
        contentType: 'text/plain; version=0.0.4',
        body: await metrics.text(report()),
      }),
    ],
  ]);
}
