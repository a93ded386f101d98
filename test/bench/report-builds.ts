import type { Figures } from './measure.js';
import { FIGURES_HEAD, figuresRow, RATIOS_HEAD, ratioOfRates, ratioRow, type Ratio } from './report.js';

/** Two builds beside each other: is one faster, by more than the machine varies? */
export interface BuildsResult {
  readonly figures: Readonly<Record<string, Figures>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
}

/** Throughput of this build over that of the other, by clients. */
export function buildRatios(figures: BuildsResult['figures']): Record<string, Ratio> {
  const ratios: Record<string, Ratio> = {};
  for (const name of Object.keys(figures)) {
    const [build, clients] = name.split(', ');
    const ratio = ratioOfRates(figures[name], figures[`other build, ${clients ?? ''}`]);
    if (build === 'this build' && ratio !== null)
      ratios[`this build / other build, ${clients ?? ''}`] = ratio;
  }
  return ratios;
}

export function buildsText({ figures, ratios }: BuildsResult): string {
  return [
    FIGURES_HEAD,
    ...Object.entries(figures).map(([name, each]) => figuresRow(name, each)),
    '',
    RATIOS_HEAD,
    ...Object.entries(ratios).map(([name, ratio]) => ratioRow(name, ratio)),
  ].join('\n');
}
