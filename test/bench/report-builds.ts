import type { Figures } from './measure.js';
import {
  CLIENTS,
  FIGURES_HEAD,
  figuresRow,
  RATIOS_HEAD,
  ratioOfRates,
  ratioRow,
  withClients,
} from './report.js';
import type { Ratio } from './report.js';

/** Two builds beside each other: is one faster, by more than the machine varies? */
export interface BuildsResult {
  readonly figures: Readonly<Record<string, Figures>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
}

export const THIS_BUILD = 'this build';
export const OTHER_BUILD = 'other build';

/** Throughput of this build over that of the other, by clients. */
export function buildRatios(figures: BuildsResult['figures']): Record<string, Ratio> {
  const ratios: Record<string, Ratio> = {};
  for (const clients of CLIENTS) {
    const [over, under] = [THIS_BUILD, OTHER_BUILD].map((build) => figures[withClients(build, clients)]);
    const ratio = ratioOfRates(over, under);
    if (ratio !== null) ratios[withClients(`${THIS_BUILD} / ${OTHER_BUILD}`, clients)] = ratio;
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
