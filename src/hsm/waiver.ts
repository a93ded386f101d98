import type { KeyCheck, Waiver } from '../core/key-checks.js';

const IMPORTED: readonly KeyCheck[] = [
  'local',
  'always-sensitive',
  'never-extractable',
  'generated-on-token',
];

export function waives(waivers: readonly Waiver[], check: KeyCheck): boolean {
  return waivers.includes(check) || (waivers.includes('imported') && IMPORTED.includes(check));
}
