import { formatSelector, type Selector } from '../../identity/selector.js';
import type { WorkloadPolicy } from '../policy.js';
import { change } from './change.js';

/**
 * Who callers are taken for. A process that two registrations of different ids fit is refused as ambiguous: so where
 * one of them goes, what both fitted becomes the other.
 */
export function registrationChanges(
  before: readonly WorkloadPolicy[],
  after: readonly WorkloadPolicy[],
): string[] {
  const [old, now] = [byText(before), byText(after)];
  const added = [...now.keys()].filter((text) => !old.has(text));
  const kept = new Map([...now].filter(([text]) => old.has(text)));
  return [
    ...added.map((text) => change('widens', `workload registration ${text} is added`)),
    ...[...old].filter(([text]) => !now.has(text)).map(([text, gone]) => removal(text, gone, kept)),
  ];
}

function removal(text: string, gone: WorkloadPolicy, kept: ReadonlyMap<string, WorkloadPolicy>): string {
  const removed = `workload registration ${text} is removed`;
  const others = [...kept].filter(([, left]) => left.id !== gone.id && mayFitOne(gone, left));
  if (others.length === 0) return change('narrows', removed);
  const names = others.map(([other]) => other).join(', ');
  return change('widens', `${removed}: a caller that it fitted was refused where it also fits ${names}`);
}

function byText(workloads: readonly WorkloadPolicy[]): ReadonlyMap<string, WorkloadPolicy> {
  return new Map(
    workloads.map((each) => [`${each.id} (${each.selectors.map(formatSelector).join(' ')})`, each]),
  );
}

/** Facts of which a process has one; it may be in many supplementary groups. */
const SINGLE: ReadonlySet<Selector['kind']> = new Set<Selector['kind']>([
  'unix:uid',
  'unix:gid',
  'unix:user',
  'unix:group',
  'unix:path',
  'unix:sha256',
]);

/** Whether there may be a process of which all selectors of both hold. */
function mayFitOne(one: WorkloadPolicy, other: WorkloadPolicy): boolean {
  return !one.selectors.some((selector) =>
    other.selectors.some(
      ({ kind, value }) => kind === selector.kind && SINGLE.has(kind) && value !== selector.value,
    ),
  );
}
