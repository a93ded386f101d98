import { ChanceryError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { parseAddress, pubkeyBytes } from '../core/pubkey.js';
import { ledgerNoteKey } from '../ledger/note/checkpoint.js';
import { parseTlogPolicy } from '../ledger/note/tlog-policy.js';
import { Relay } from './relay.js';

export interface RelayOptions {
  readonly files: Files;
  /** Of the ledger. */
  readonly directory: string;
  readonly origin: string;
  /** Base58. */
  readonly ledgerKey: string;
  /** Text of a C2SP tlog-policy. */
  readonly witnesses: string;
}

/** Throws LEDGER_DAMAGED (the ledger key is none), POLICY_INVALID. */
export function openRelay({ files, directory, origin, ledgerKey, witnesses }: RelayOptions): Relay {
  const pubkey = parseAddress(ledgerKey);
  const key = pubkey === null ? null : ledgerNoteKey(origin, pubkeyBytes(pubkey));
  if (key === null)
    throw new ChanceryError('LEDGER_DAMAGED', 'the ledger key of the genesis is no Ed25519 key');
  const policy = parseTlogPolicy(witnesses);
  if (typeof policy === 'string')
    throw new ChanceryError('POLICY_INVALID', `the witness policy: ${policy}`, {
      hint: 'correct it: it is a C2SP tlog-policy, with lines that begin with log, witness, group or quorum',
    });
  return new Relay({ files, directory, key, policy });
}
