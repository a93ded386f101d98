import type { CheckName } from './key-report.js';

/**
 * A trust check that a key may fail, decided by name. `imported` stands for the three that an imported key can
 * never pass: its value existed outside the token.
 */
export type Waiver = CheckName | 'imported';

const IMPORTED: readonly CheckName[] = [
  'local',
  'always-sensitive',
  'never-extractable',
  'generated-on-token',
];

export function waives(waivers: readonly Waiver[], check: CheckName): boolean {
  return waivers.includes(check) || (waivers.includes('imported') && IMPORTED.includes(check));
}
