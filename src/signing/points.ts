import { channel } from 'node:diagnostics_channel';

/**
 * Every point of the request path at which a kill changes what is durable or what the client holds. Tests
 * subscribe from a preloaded module and kill the real daemon there; without a subscriber a point costs nothing,
 * and no setting of the daemon can reach it.
 */
export const KILL_POINTS = [
  'decoded', // nothing is written
  'authorized', // the authorization is durable, the token was not asked
  'dispatched', // the bytes left for the token
  'signed', // a signature exists in memory only
  'enrolled', // the outcome is durable, the reply has not left
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

const POINTS_CHANNEL = 'chancery.signing';
const points = channel(POINTS_CHANNEL);

export function reached(point: KillPoint, request: string): void {
  if (points.hasSubscribers) points.publish({ point, request });
}
