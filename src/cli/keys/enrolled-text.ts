import { loadConfig } from '../../config/chancery-yaml.js';
import { NAME } from '../../core/name.js';
import { originOf } from '../../core/origin.js';
import { parseAddress, pubkeyBytes } from '../../core/pubkey.js';
import type { Enrolled } from './ceremony.js';

/** A key, where it is recorded, and what to write into the policy. */
export function enrolledText(
  what: 'generated' | 'imported' | 'found',
  { label, publicKey, objectId, token, entry }: Enrolled,
  config: string,
): string {
  // A value that existed outside can never pass the checks of where it was made.
  const waivers = what === 'imported' ? ', waivers: [imported]' : '';
  return [
    `${what} ${label} on token ${token}`,
    `  public key  ${publicKey}`,
    `  object id   ${objectId}`,
    entry === null
      ? '  recorded    nowhere: the ledger has not begun, genesis and the first policy will name the key'
      : `  recorded    entry ${entry.sequence} (${entry.hash})`,
    'it signs for nobody until a signed policy names it:',
    `  - id: ${NAME.test(label) ? label : 'NAME   # the label is none that an id may be'}`,
    `    token: ${token}`,
    `    object: { label: ${JSON.stringify(label)}, id: "${objectId}"${waivers} }`,
    `    publicKey: ${publicKey}`,
    '    role: wallet',
    ...(entry === null ? asLedgerKey(publicKey, config) : []),
  ].join('\n');
}

/** The origin is made of the ledger's key, so it is known only now. */
function asLedgerKey(address: string, config: string): readonly string[] {
  const publicKey = parseAddress(address);
  if (publicKey === null) return [];
  const origin = originOf(loadConfig(config).name, pubkeyBytes(publicKey));
  return ['or, as the key of the ledger, `role: ledger`, and at the top of the policy:', `signer: ${origin}`];
}
