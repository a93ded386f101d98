import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeze } from '../../support/site/admin.js';
import { Holder } from '../../support/site/held.js';
import { ofType, rawLines, entryIn } from '../../support/site/ledger-lines.js';
import { rpc } from '../../support/site/rpc.js';
import { Site } from '../../support/site/site.js';
import { STRANGER, transfer } from '../../support/site/transfer.js';

/** One call of signTransactions takes this many. */
const CALL = 64;
const CALLS = 16;
/** Longer than the entry of a denial that holds a transaction. */
const ENTRY_BYTES = 4096;

interface Item {
  readonly error?: { readonly data: { readonly code: string } };
}

describe('the real daemon under a flood of requests that are refused', () => {
  let site: Site;
  let client: Holder;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.attest();
    client = new Holder(site);
    await client.begin();
  });

  afterAll(() => site.remove());

  /** Each transaction is another one. The codes that were answered. */
  async function flood(key: string, wire: (n: number) => string): Promise<readonly (string | undefined)[]> {
    const codes: (string | undefined)[] = [];
    // One after the other: all at once are more than a uid may have in flight.
    for (let call = 0; call < CALLS; call++) {
      const transactions = Array.from({ length: CALL }, (_, n) => wire(call * CALL + n));
      const answer = await rpc<Item[]>(site.signerSocket, 'signTransactions', { key, transactions });
      if (!answer.ok) throw new Error(answer.error.message);
      codes.push(...answer.result.map(({ error }) => error?.data.code));
    }
    return codes;
  }

  it('I4: the ledger grows by two entries a kind and minute, not by one a refusal, and the counts add up', async () => {
    const before = await rawLines(site.ledger);
    const begun = performance.now();
    const { publicKey } = client;
    const kinds: readonly (readonly [code: string, key: string, wire: (n: number) => string])[] = [
      ['SPEND_LIMIT_EXCEEDED', 'trading-1', (n) => transfer(publicKey, 600_000_000n, n)],
      ['UNKNOWN_KEY', 'nobody', (n) => transfer(publicKey, 1n, n)],
      ['NOT_A_SIGNER', 'trading-1', (n) => transfer(STRANGER, 1n, n)],
      [
        'MALFORMED_TRANSACTION',
        'trading-1',
        (n) => Buffer.from(`no transaction ${String(n)}`).toString('base64'),
      ],
    ];
    for (const [code, key, wire] of kinds) {
      expect(await flood(key, wire)).toEqual(Array(CALLS * CALL).fill(code));
    }
    const minutes = 1 + Math.floor((performance.now() - begun) / 60_000);
    // Whoever may ask is served meanwhile, and a freeze is written.
    expect(await client.sign()).toMatchObject({ ok: true });
    expect(await freeze(site, 'a flood', 'trading-1')).toMatchObject({ ok: true });
    expect(await site.stop()).toBe(0);

    const fresh = (await rawLines(site.ledger)).slice(before.length);
    const denials = fresh.filter((line) => entryIn(line).type === 'denial');
    const most = 2 * kinds.length * minutes;
    expect(denials.length).toBeLessThanOrEqual(most);
    expect(denials.join('\n').length).toBeLessThan(most * ENTRY_BYTES);
    const counts = new Map<string, number>();
    for (const { codes, count } of ofType(denials.map(entryIn), 'denial')) {
      counts.set(codes.join(), (counts.get(codes.join()) ?? 0) + count);
    }
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(kinds.map(([code]) => [code, CALLS * CALL])),
    );
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
  });
});
