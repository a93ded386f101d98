import { formatSol } from '../../core/amount.js';
import { formatDuration } from '../../core/duration.js';
import { toAddress } from '../../core/pubkey.js';
import { PLAIN_STAKE_INSTRUCTIONS } from '../../solana/programs/stake.js';
import { DAYS, isOpenAt } from '../hours.js';
import type { Hours, KeyPolicy } from '../policy.js';
import { boundChanges, change, listChanges, wordChanges } from './change.js';
import { limitChanges } from './diff-limits.js';

/** What changes for a key that both policies have. */
export function keyChanges(before: KeyPolicy, after: KeyPolicy): string[] {
  return [
    ...identityChanges(before, after),
    ...listChanges('waived trust check', before.object.waivers, after.object.waivers),
    ...listChanges('workload', before.workloads, after.workloads),
    ...boundChanges(
      'the oldest an attestation may be',
      before.attestation.maxAge,
      after.attestation.maxAge,
      formatDuration,
    ),
    ...wordChanges('the challenge', before.attestation.challenge, after.attestation.challenge, 'required'),
    ...wordChanges('possession', before.attestation.possession, after.attestation.possession, 'required'),
    ...limitChanges(before, after),
    // No fee rule is the fee 0: absent means may not pay.
    ...boundChanges(
      'the fee of a transaction',
      before.fee?.perTransaction ?? 0n,
      after.fee?.perTransaction ?? 0n,
      formatSol,
    ),
    ...listChanges('program', before.programs, after.programs),
    ...listChanges('stake instruction', stakeOf(before), stakeOf(after)),
    ...destinationChanges(before, after),
    ...wordChanges('ownAccounts', before.ownAccounts, after.ownAccounts, 'counted'),
    ...hoursChanges(before.hours, after.hours),
    ...listChanges(
      'denied account',
      [...before.deny.accounts].map(toAddress),
      [...after.deny.accounts].map(toAddress),
      true,
    ),
    ...listChanges('denied program', before.deny.programs, after.deny.programs, true),
    ...boundChanges('the number of instructions', before.maxInstructions, after.maxInstructions, String),
    ...boundChanges('the number of signers', before.maxSigners, after.maxSigners, String),
    ...listChanges('co-signer', before.coSigners.map(toAddress), after.coSigners.map(toAddress), true),
    ...memoChanges(before.memo, after.memo),
  ].map((text) => inKey(after.id, text));
}

function inKey(id: string, text: string): string {
  const colon = text.indexOf(': ');
  return `${text.slice(0, colon)}: key ${id}: ${text.slice(colon + 2)}`;
}

function identityChanges(before: KeyPolicy, after: KeyPolicy): string[] {
  const changes: string[] = [];
  if (before.publicKey !== after.publicKey) {
    // Meters belong to the public key; a ledger key has none.
    const empty = after.role === 'ledger' ? '' : '; its windows begin empty';
    changes.push(change('widens', `is another key, ${after.address} for ${before.address}${empty}`));
  }
  if (before.role !== after.role) {
    changes.push(change('widens', `the role goes from ${before.role} to ${after.role}`));
  }
  if (placeOf(before) !== placeOf(after)) {
    changes.push(change('changes', `lies at ${placeOf(after)}, before at ${placeOf(before)}`));
  }
  return changes;
}

/** Where the key is found. */
export function placeOf({ token, object }: KeyPolicy): string {
  return `${token}/${object.label}${object.id === undefined ? '' : ` (${object.id})`}`;
}

/** What the key may do with stake: the plain instructions when the policy names none, nothing without the program. */
function stakeOf({ programs, context }: KeyPolicy): Iterable<string> {
  return programs.has('stake') ? (context.stake ?? PLAIN_STAKE_INSTRUCTIONS) : [];
}

function destinationChanges(before: KeyPolicy, after: KeyPolicy): string[] {
  const { destinations: old, wallets: listed } = before;
  if (after.destinations === 'any') {
    return old === 'any' ? [] : [change('widens', 'anybody may receive')];
  }
  const now = after.wallets.map(toAddress);
  if (old === 'any') {
    return [change('narrows', `only those listed may receive, ${String(now.length)} of them`)];
  }
  return listChanges('destination', listed.map(toAddress), now);
}

function hoursChanges(before: Hours | null, after: Hours | null): string[] {
  const [old, now] = [describeHours(before), describeHours(after)];
  if (old === now) return [];
  if (before === null) return [change('narrows', `open only ${now}`)];
  if (after === null) return [change('widens', `open at any hour, before ${old}`)];
  return [change(opensMore(before, after) ? 'widens' : 'narrows', `open ${now}, before ${old}`)];
}

/** Whether there is a minute of the week that only `after` opens; what another zone opens is never the same for long. */
function opensMore(before: Hours, after: Hours): boolean {
  if (before.zone !== after.zone) return true;
  for (let weekday = 0; weekday < 7; weekday++) {
    for (let minute = 0; minute < 1440; minute++) {
      if (isOpenAt(after, weekday, minute) && !isOpenAt(before, weekday, minute)) return true;
    }
  }
  return false;
}

export function describeHours(hours: Hours | null): string {
  if (hours === null) return 'at any hour';
  const days = [...hours.days].sort((left, right) => left - right).map((day) => DAYS[day]);
  const time = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${days.join(',')} ${time(hours.from)} to ${time(hours.to)} ${hours.zone}`;
}

function memoChanges(before: string | null, after: string | null): string[] {
  if (before === after) return [];
  if (after === null) return [change('widens', 'no memo is required')];
  const needs =
    after === '' ? 'a memo is required' : `a memo that begins with ${JSON.stringify(after)} is required`;
  if (before === null || after.startsWith(before)) return [change('narrows', needs)];
  return [change('widens', `${needs}, before one that begins with ${JSON.stringify(before)}`)];
}
