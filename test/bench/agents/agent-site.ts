import { chmodSync } from 'node:fs';
import { childrenOf } from '../process-usage.js';
import { STRANGER } from '../../support/site/transfer.js';
import { Site, WORKLOAD } from '../../support/site/site.js';

/** The neighbour's uid, and the group of signer.sock; no account has them. */
export const NEIGHBOUR = { uid: 65_533, gid: 64_000 };
const OTHER_WORKLOAD = 'spiffe://dev.chancery.local/neighbour';

/**
 * The real daemon with one key for two workloads: that of this uid and a neighbour's. Limits, rate and quota of the
 * ledger are out of the way of a bench; one transaction may spend no more than 100 SOL.
 */
export class AgentSite {
  readonly key = 'trading-1';
  readonly destination = STRANGER;
  readonly address: string;
  readonly #site: Site;
  readonly #parent: string;

  private constructor(site: Site, parent: string, address: string) {
    this.#site = site;
    this.#parent = parent;
    this.address = address;
  }

  static async make(parent: string): Promise<AgentSite> {
    const site = await Site.make(parent);
    let address = '';
    await site.changePolicy((text) => {
      address = /id: trading-1[\s\S]*?publicKey: (\w+)/.exec(text)?.[1] ?? '';
      return text
        .replace(
          'workloads:\n',
          `workloads:\n  - id: ${OTHER_WORKLOAD}\n    selectors: ["unix:uid:${String(NEIGHBOUR.uid)}"]\n`,
        )
        .replace(`workloads: ["${WORKLOAD}"]`, `workloads: ["${WORKLOAD}", "${OTHER_WORKLOAD}"]`)
        .replace(
          'perTransaction: "0.5 SOL", window: 1h, max: "2 SOL"',
          'perTransaction: "100 SOL", window: 1h, max: "9000000000 SOL"',
        )
        .replace('    fee:', '    rate: { max: 999999999, window: 1m }\n    fee:');
    });
    await site.start();
    await site.attest({ ttl: '1h' });
    await site.attest({ ttl: '1h', workload: OTHER_WORKLOAD });
    return new AgentSite(site, parent, address);
  }

  get socket(): string {
    return this.#site.signerSocket;
  }

  get daemonPid(): number {
    return this.#site.daemonPid;
  }

  get hostPid(): number {
    const [host] = childrenOf(this.daemonPid);
    if (host === undefined) throw new Error('the daemon has no HSM host');
    return host;
  }

  /** Lets other uids in, as a group and its mode would. */
  async open(): Promise<void> {
    await this.#site.giveTo({ uid: 0, gid: 0, groups: [] });
    chmodSync(this.#parent, 0o711);
    chmodSync(this.socket, 0o666);
  }

  close(): Promise<void> {
    return this.#site.remove();
  }
}
