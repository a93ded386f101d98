import type { LimitReport } from '../verdict.js';
import type { ExplainedLimit } from './explanation.js';

/** A limit as people and clients see it: base units as decimal strings, without the path of its rule. */
export function limitText(report: LimitReport): ExplainedLimit {
  const { asset, destination, workload, window, max, spent, remaining } = report;
  return {
    asset,
    ...(destination === null ? {} : { destination }),
    ...(workload === null ? {} : { workload }),
    window,
    max: max.toString(),
    spent: spent.toString(),
    remaining: remaining.toString(),
  };
}
