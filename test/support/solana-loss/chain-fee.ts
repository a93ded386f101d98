import type { Message } from '../../../src/solana/message.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';

/**
 * What the chain takes today, in lamports, for messages the generator makes (a unit limit is always set). Not the
 * bound: with the real fee the comparison of losses has no slack in which an undercount could hide. That it is
 * the real fee is checked on every failed transaction, whose payer loses exactly that.
 */
export function chainFee(message: Message): bigint {
  let signatures = message.signatures;
  let price = 0n;
  let limit = 0n;
  for (const { program, data } of message.instructions) {
    const bytes = Buffer.from(data);
    if (program === PROGRAM_IDS['compute-budget'] && bytes[0] === 2) limit = BigInt(bytes.readUInt32LE(1));
    if (program === PROGRAM_IDS['compute-budget'] && bytes[0] === 3) price = bytes.readBigUInt64LE(1);
    if ([PROGRAM_IDS.ed25519, PROGRAM_IDS.secp256k1, PROGRAM_IDS.secp256r1].includes(program)) {
      signatures += bytes[0] ?? 0;
    }
  }
  const priority =
    message.version === 1 ? (message.config?.priorityFee ?? 0n) : (price * limit + 999_999n) / 1_000_000n;
  return 5000n * BigInt(signatures) + priority;
}
