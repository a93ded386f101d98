import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import { isOpen, nextOpening } from '../hours.js';
import type { Inquiry } from '../inquiry.js';

/** Open by both clocks: each may be the one that is right, and the entry will bear the time of one. */
export function hoursRule({ question, key, now, path }: Inquiry): readonly Failure[] {
  const { hours } = key;
  if (hours === null) return [];
  const closed = [...new Set([now, question.entryTime])].find((time) => !isOpen(hours, time));
  if (closed === undefined) return [];
  const opening = nextOpening(hours, closed);
  return [
    {
      code: 'OUTSIDE_HOURS',
      message: `key ${key.id} is closed at this hour in ${hours.zone}`,
      ...(opening === null ? {} : { resetsAt: formatTime(opening) }),
      rule: `${path}.hours`,
    },
  ];
}
