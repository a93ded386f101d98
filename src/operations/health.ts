/** One part that is not well, and what it stops. */
export interface Ailment {
  readonly component: 'ledger' | 'clock' | 'token' | 'freeze' | 'key';
  readonly code: string;
  readonly message: string;
  /** Whether signing has stopped because of it, for any key. */
  readonly stopsSigning: boolean;
}

/** Asked at every probe; reports the present, keeps nothing. */
export type Probe = () => readonly Ailment[];

export interface HealthReport {
  /** `ok`: everything signs; `degraded`: something does not; `stopped`: nothing signs. */
  readonly status: 'ok' | 'degraded' | 'stopped';
  readonly ailments: readonly Ailment[];
}

export function health(probes: readonly Probe[]): HealthReport {
  const ailments = probes.flatMap((probe) => probe());
  const stopped = ailments.some((ailment) => ailment.stopsSigning);
  const status = stopped ? 'stopped' : ailments.length > 0 ? 'degraded' : 'ok';
  return { status, ailments };
}
