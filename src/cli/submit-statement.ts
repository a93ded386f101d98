import { acceptStatement } from '../ceremony/accept-statement.js';
import { checkNextTokens } from '../ceremony/check-next-tokens.js';
import { encodeBase64 } from '../core/base64.js';
import { HOST_SCRIPT } from '../hsm/host-script.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { wireEntry } from '../protocol/wire-entry.js';
import type { Envelope } from '../sovereign/envelope.js';
import type { OperatorOptions } from './arguments.js';
import { daemonOrLedger } from './daemon-or-ledger.js';
import type { PolicyFile } from './policy-file.js';

/** A policy is held against its tokens first, which takes slow ones their time. Milliseconds. */
const TOKEN_MS = 120_000;

export interface Submitted {
  readonly id: string;
  readonly kind: string;
  readonly entry: { readonly sequence: string; readonly hash: string };
}

/** Brings a statement into force through the daemon, or in the ledger when no daemon runs. */
export async function submitStatement(
  options: OperatorOptions,
  envelope: Envelope,
  next?: PolicyFile,
): Promise<Submitted> {
  const statement = { payload: envelope.payload, signatures: envelope.signatures.map((one) => ({ ...one })) };
  return await daemonOrLedger<Submitted>(
    options,
    (session) =>
      session.call(
        'submitStatement',
        {
          statement,
          ...(next === undefined ? {} : { blobs: [next.bytes, ...next.blobs].map(encodeBase64) }),
        },
        { timeout: TOKEN_MS },
      ),
    async ({ ledger, policy }, config) => {
      if (next !== undefined) await checkNextTokens(config, HOST_SCRIPT, policy, next.policy);
      for (const blob of next === undefined ? [] : [...next.blobs, next.bytes]) await ledger.putBlob(blob);
      const accepted = await acceptStatement(
        {
          ledger,
          inForce: () => policy,
          now: () => MACHINE_CLOCK.wall(),
          ...(next === undefined ? {} : { next: next.policy }),
        },
        envelope,
      );
      const { id, kind, entry } = accepted;
      return { id, kind, entry: wireEntry(entry) };
    },
  );
}

export function submittedText({ id, kind, entry }: Submitted): string {
  return `the ${kind} ${id} is in force since entry ${entry.sequence} (${entry.hash})`;
}
