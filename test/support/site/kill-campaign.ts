import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerLines, ofType } from './ledger-lines.js';
import { sign, tradingKey } from './signing.js';
import type { Site } from './site.js';
import { transfer } from './transfer.js';

export interface CampaignReport {
  readonly kills: number;
  /** Signatures that clients received. */
  readonly received: number;
  readonly authorizations: number;
  readonly recovered: number;
}

const CLIENTS = 16;

/**
 * Clients that ask without pause, a daemon that is killed without warning at random moments, and after each restart
 * the comparison of what the clients hold, what the ledger says and what the meters count. Throws at the first
 * difference. `random` gives numbers in [0, 1).
 */
export async function killCampaign(
  site: Site,
  rounds: number,
  random: () => number,
  progress: (report: CampaignReport) => void = () => undefined,
): Promise<CampaignReport> {
  const held = new Map<string, string>();
  let nonce = Math.floor(random() * 2 ** 30);
  let kills = 0;
  let report: CampaignReport = { kills: 0, received: 0, authorizations: 0, recovered: 0 };
  await site.start();
  const { publicKey } = await tradingKey(site);

  while (kills < rounds) {
    const running = { on: true };
    const client = async (): Promise<void> => {
      while (running.on) {
        const wire = transfer(publicKey, 1000n, ++nonce);
        try {
          const answer = await sign(site, wire);
          if (!answer.ok) throw new Error(`refused: ${answer.error.data.code}: ${answer.error.message}`);
          held.set(answer.result.signature, Buffer.from(wire, 'base64').subarray(65).toString('base64'));
        } catch (error) {
          // A connection that broke is what the test is about; anything else is a finding.
          if (
            error instanceof Error &&
            /ECONNRESET|ECONNREFUSED|ENOENT|EPIPE|socket hang up/.test(error.message)
          )
            return;
          throw error;
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    await sleep(30 + random() * 400);
    await site.stop('SIGKILL');
    running.on = false;
    await Promise.all(clients);
    kills += 1;
    await site.start();
    report = { kills, ...(await compare(site, held)) };
    progress(report);
  }
  return report;
}

async function compare(
  site: Site,
  held: ReadonlyMap<string, string>,
): Promise<Omit<CampaignReport, 'kills'>> {
  const entries = await ledgerLines(site.ledger);
  entries.forEach((entry, index) => {
    if (entry.sequence !== String(index))
      throw new Error(`entry ${String(index)} has sequence ${entry.sequence}`);
  });
  const authorizations = ofType(entries, 'authorization');
  const messages = new Map(authorizations.map(({ sequence, message }) => [sequence, message]));
  const signatures = new Map(
    ofType(entries, 'signature').map(({ signature, authorization }) => [
      signature,
      messages.get(authorization),
    ]),
  );
  for (const [signature, message] of held) {
    if (signatures.get(signature) !== message)
      throw new Error(`a client holds ${signature}, the ledger does not`);
  }
  const outcomes = new Map<string, number>();
  for (const { authorization } of [
    ...ofType(entries, 'signature'),
    ...ofType(entries, 'failure'),
    ...ofType(entries, 'recovered'),
  ]) {
    outcomes.set(authorization, (outcomes.get(authorization) ?? 0) + 1);
  }
  for (const { sequence } of authorizations) {
    if (outcomes.get(sequence) !== 1)
      throw new Error(`authorization ${sequence} has not exactly one outcome`);
  }
  const counted = authorizations
    .flatMap((entry) => entry.counted)
    .filter(({ unit }) => unit === 'SOL')
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const limit = (await tradingKey(site)).limits.find(({ asset }) => asset === 'SOL');
  if (BigInt(limit?.spent ?? '-1') !== counted) {
    throw new Error(
      `the meter holds ${limit?.spent ?? 'nothing'}, the authorizations sum to ${String(counted)}`,
    );
  }
  return {
    received: held.size,
    authorizations: authorizations.length,
    recovered: ofType(entries, 'recovered').length,
  };
}
