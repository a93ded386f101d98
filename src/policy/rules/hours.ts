import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import { isOpen, nextOpening } from '../hours.js';
import type { Inquiry } from '../inquiry.js';

export function hoursRule({ key, now, path }: Inquiry): readonly Failure[] {
  const { hours } = key;
  if (hours === null || isOpen(hours, now)) return [];
  const opening = nextOpening(hours, now);
  return [
    {
      code: 'OUTSIDE_HOURS',
      message: `key ${key.id} is closed at this hour in ${hours.zone}`,
      ...(opening === null ? {} : { resetsAt: formatTime(opening) }),
      rule: `${path}.hours`,
    },
  ];
}
