import { wallClock, type Clock } from '../core/clock.js';
import { bootTime } from './boottime.js';

/** The clocks of this machine. */
export const MACHINE_CLOCK: Clock = { wall: wallClock, boot: bootTime };
