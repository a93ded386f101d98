import { formatSol } from '../core/amount.js';
import { encodeBase58 } from '../core/base58.js';
import { toAddress } from '../core/pubkey.js';
import { formatDuration } from '../core/duration.js';
import { mintId } from '../solana/key-context.js';
import { accountRentOf } from '../solana/rent.js';
import { keyOf, PURPOSES, type Authority } from '../sovereign/authority.js';
import type { AnchorPolicy, AssetPolicy, KeyPolicy, Policy, TokenPin } from './policy.js';
import { programChanges } from './diff/describe-program.js';
import { describeAnchor } from './compile-anchors.js';
import { change, listChanges } from './diff/change.js';
import { describeHours, keyChanges, placeOf } from './diff/diff-key.js';
import { ledgerKeyChanges } from './diff/diff-ledger-key.js';
import { mapChanges } from './diff/map-changes.js';
import { registrationChanges } from './diff/diff-registrations.js';
import { tableChanges } from './diff/diff-tables.js';

/**
 * What a new policy changes, a sentence each, for the people who sign it. Each begins with `widens`, `narrows`
 * or `changes`; what could let more through is never called a narrowing. Empty when nothing changes but the
 * text.
 */
export function diffPolicies(before: Policy, after: Policy): string[] {
  return [
    ...(before.signer === after.signer
      ? []
      : [change('changes', `the signer is ${after.signer}, before ${before.signer}`)]),
    ...sovereignChanges(before, after),
    ...mapChanges('token', before.tokens, after.tokens, describeToken),
    ...anchorChanges(before.anchors, after.anchors),
    ...ledgerKeyChanges(before, after),
    ...mapChanges('asset', before.assets, after.assets, describeAsset, {
      gone: (name) => assetGone(name, before, after),
    }),
    ...programChanges(before.programs, after.programs),
    ...tableChanges(before, after),
    ...rentChanges(before, after),
    ...registrationChanges(before.workloads, after.workloads),
    ...[...after.keys.values()].flatMap((key) => {
      const old = before.keys.get(key.id);
      return old === undefined ? newKey(key) : keyChanges(old, key);
    }),
    ...[...before.keys.keys()]
      .filter((id) => !after.keys.has(id))
      .map((id) => change('narrows', `key ${id} is gone`)),
  ];
}

/**
 * A new key is told as what it widens from a key that may do nothing, so that no rule of it goes unsaid; what it must
 * meet besides (denials, a memo, co-signers) as what narrows it. A ledger key has no such rules.
 */
function newKey(key: KeyPolicy): string[] {
  const { id, address, role, attestation, rates, hours } = key;
  const closed: KeyPolicy = {
    ...key,
    object: { ...key.object, waivers: [] },
    workloads: new Set(),
    attestation:
      role === 'ledger' ? attestation : { maxAge: 0, challenge: 'required', possession: 'required' },
    limits: [],
    fee: null,
    programs: new Set(),
    destinations: new Set(),
    wallets: [],
    ownAccounts: 'counted',
    rates: role === 'ledger' ? rates : rates.map((rate) => ({ ...rate, max: 0 })),
    deny: { accounts: new Set(), prefixes: new Set(), programs: new Set() },
    maxInstructions: null,
    maxSigners: null,
    coSigners: [],
    memo: null,
  };
  return [
    change('widens', `a new key ${id}, ${address}, role ${role}, at ${placeOf(key)}`),
    ...keyChanges(closed, key),
    ...(role === 'ledger' ? [] : [change('widens', `key ${id}: open ${describeHours(hours)}`)]),
  ];
}

function sovereignChanges({ sovereign: before }: Policy, { sovereign: after }: Policy): string[] {
  const changes: string[] = [];
  if (before.epoch !== after.epoch) {
    const void_ = `attestations of epoch ${String(before.epoch)} no longer hold`;
    const again = `, those of epoch ${String(after.epoch)} that were voided hold again`;
    const back = after.epoch < before.epoch;
    const text = `the epoch is ${String(after.epoch)}: ${void_}${back ? again : ''}`;
    changes.push(change(back ? 'widens' : 'narrows', text));
  }
  for (const purpose of PURPOSES) {
    const [old, now] = [before.threshold[purpose], after.threshold[purpose]];
    if (old === now) continue;
    const text = `${purpose} needs ${String(now)} signatures, before ${String(old)}`;
    changes.push(change(now < old ? 'widens' : 'narrows', text));
  }
  const list = (authorities: readonly Authority[]): string[] => authorities.map(describeAuthority);
  changes.push(...listChanges('authority', list(before.authorities), list(after.authorities)));
  const stays = new Set(after.authorities.map(keyOf));
  const gone = before.authorities.filter((authority) => !stays.has(keyOf(authority)));
  if (gone.length > 0 && before.epoch === after.epoch) {
    const replaced = ({ id }: Authority): boolean => after.authorities.some((other) => other.id === id);
    const who = gone.map((one) => (replaced(one) ? `${one.id} with the key before` : one.id)).join(', ');
    changes.push(change('changes', `what ${who} has attested holds until it ends: a higher epoch voids it`));
  }
  return changes;
}

/** All that a signature of this authority is checked for. */
function describeAuthority(authority: Authority): string {
  const { id, scheme, key } = authority;
  const asks = scheme === 'sshsig' ? authority.require : authority.preambles;
  const application = scheme === 'sshsig' ? authority.application : undefined;
  const parts = [
    `${scheme === 'sshsig' ? authority.keyType : scheme} ${encodeBase58(key.bytes)}`,
    ...(application === undefined ? [] : [`application ${application}`]),
    ...(asks.length === 0 ? [] : [[...asks].sort().join(' ')]),
  ];
  return `${id} (${parts.join(', ')})`;
}

function describeToken({ manufacturer, model, serial, label }: TokenPin): string {
  return `${manufacturer} ${model} ${serial} ${label}`;
}

/** An anchor that goes, or may lag longer, lets a rollback go unnoticed longer. */
function anchorChanges(before: readonly AnchorPolicy[], after: readonly AnchorPolicy[]): string[] {
  const old = new Map(before.map((anchor) => [describeAnchor(anchor), anchor.lag]));
  const now = new Map(after.map((anchor) => [describeAnchor(anchor), anchor.lag]));
  const gone = [...old.keys()].filter((name) => !now.has(name));
  return [
    ...gone.map((name) => change('widens', `the ledger is no longer anchored in ${name}`)),
    ...[...now].flatMap(([name, lag]) => {
      const was = old.get(name);
      if (was === lag) return [];
      const until = `signing stops when it has not followed for ${formatDuration(lag)}`;
      if (was === undefined) return [change('narrows', `the ledger is anchored in ${name}; ${until}`)];
      return [
        change(
          lag > was ? 'widens' : 'narrows',
          `the anchor ${name}: ${until}, before ${formatDuration(was)}`,
        ),
      ];
    }),
  ];
}

function describeAsset({ token, decimals }: AssetPolicy): string {
  if (token === null) return 'SOL';
  return `mint ${toAddress(token.mint)} of ${toAddress(token.program)}, ${String(decimals)} decimals`;
}

/**
 * Accounts of a mint that is not declared are nobody's. So a declared program may be handed the key's where a stranger's
 * may stand, with nothing counted, and what goes to a wallet's is no longer that wallet's by a limit of it.
 */
function assetGone(name: string, before: Policy, after: Policy): string {
  const token = before.assets.get(name)?.token;
  const gone = change('narrows', `asset ${name} is gone`);
  if (token == null || after.mints.has(mintId(token.program, token.mint))) return gone;
  const keys = [...after.keys.values()];
  const handed = keys.some(({ programs }) => [...programs].some((program) => after.programs.has(program)));
  const limited = keys.some(({ limits }) =>
    limits.some(({ scope }) => scope.kind === 'destination' && scope.destination !== 'each'),
  );
  const what = [
    ...(handed ? ['declared programs take the token accounts of the key for those of a stranger'] : []),
    ...(limited ? ["a destination's limit no longer counts what its token accounts receive"] : []),
  ];
  return what.length === 0 ? gone : change('widens', `asset ${name} is gone: ${what.join(', and ')}`);
}

/** Every key carries the same rents. */
function contextOf(policy: Policy): KeyPolicy['context'] | undefined {
  const [key] = policy.keys.values();
  return key?.context;
}

/** Counting less rent lets more through. Of an asset that is new, only a rent that is not the usual one is said. */
function rentChanges(before: Policy, after: Policy): string[] {
  const old = rentsOf(before);
  const usual = rentsOf(after, true);
  return [...rentsOf(after)].flatMap(([what, rent]) => {
    const was = old.get(what);
    if (was === undefined && rent !== usual.get(what)) {
      return [change('widens', `the rent of ${what} is counted as ${formatSol(rent)}`)];
    }
    if (was === undefined || was === rent) return [];
    return [
      change(
        rent < was ? 'widens' : 'narrows',
        `the rent of ${what} goes from ${formatSol(was)} to ${formatSol(rent)}`,
      ),
    ];
  });
}

/** Lamports counted for opening an account, by what it is of; `usual`: where no asset states its own. */
function rentsOf(policy: Policy, usual = false): ReadonlyMap<string, bigint> {
  const context = contextOf(policy);
  const rents = new Map<string, bigint>();
  if (context === undefined) return rents;
  rents.set('one token account', context.tokenAccountRent);
  for (const [id, asset] of policy.mints) {
    const mint = context.mints.get(id);
    if (mint === undefined) continue;
    const { program, decimals } = mint;
    const plain = { program, mint: mint.mint, decimals };
    rents.set(`one ${asset.name} account`, accountRentOf(usual ? plain : mint, context));
  }
  return rents;
}
