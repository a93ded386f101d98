import { refused, type Call, type Finding } from './call.js';
import { PROGRAM_IDS } from '../program-names.js';

/**
 * Ed25519, Secp256k1 and Secp256r1 verify signatures over data of the transaction; they touch no account and
 * cost a signature fee each, which `feeBound` counts from the first byte. Every offset record must be there.
 */
export function readPrecompile(call: Call): Finding {
  const name = 'Verify';
  const [header, record] = call.program === PROGRAM_IDS.secp256k1 ? [1, 11] : [2, 14];
  const count = call.data[0] ?? 0;
  if (call.accounts.length > 0) return refused(call, name, 'a signature check takes no accounts');
  if (call.data.length < header + record * count || call.data.length === 0) {
    return refused(call, name, 'a signature check is cut short');
  }
  return { name, details: () => [['signatures', String(count)]] };
}
