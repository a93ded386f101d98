import { formatAmount, formatSol } from '../core/amount.js';
import { toAddress, type Pubkey } from '../core/pubkey.js';
import { LEAST_FEE_BOUND } from '../solana/fee.js';
import { PLAIN_TOKEN_ACCOUNT_RENT } from '../solana/key-context.js';
import type { DeclaredProgram } from '../solana/declared/declared-program.js';
import type { KeyPolicy, Policy, WorkloadPolicy } from './policy.js';
import { isOwn } from './rules/destinations.js';

/** What a policy says that its author probably did not mean. Nothing here changes a decision. */
export function policyWarnings(policy: Pick<Policy, 'keys' | 'programs' | 'workloads'>): readonly string[] {
  return [
    ...policy.workloads.flatMap(workloadWarnings),
    ...[...policy.programs.values()].flatMap(programWarnings),
    ...rentWarnings([...policy.keys.values()]),
    ...[...policy.keys.values()].flatMap(keyWarnings),
    ...coSignerWarnings([...policy.keys.values()]),
  ];
}

/** An instruction that is handed what is the key's and counts nothing at all. */
function programWarnings({ name, instructions }: DeclaredProgram): readonly string[] {
  return instructions
    .filter(({ spends }) => spends.length === 0)
    .filter(({ accounts }) => accounts.some(({ role }) => role.kind === 'key' || role.kind === 'own'))
    .map((item) => `programs.${name}: ${item.name} reaches accounts of the key and counts nothing`);
}

/** What opening an account costs would be counted for less; all keys are compiled with one figure. */
function rentWarnings([key]: readonly KeyPolicy[]): readonly string[] {
  const rent = key?.context.tokenAccountRent ?? PLAIN_TOKEN_ACCOUNT_RENT;
  if (rent >= PLAIN_TOKEN_ACCOUNT_RENT) return [];
  return [
    `rent.tokenAccount: ${formatSol(rent)} is below ${formatSol(PLAIN_TOKEN_ACCOUNT_RENT)}, which a plain account takes unless the chain has lowered its rent`,
  ];
}

/**
 * A second pair of eyes that is the first: one workload has both keys sign. One line a pair, whoever they are: an
 * operator can hand in what nobody has signed, and with a line for each workload 3 MB of policy were 15 million.
 */
function coSignerWarnings(keys: readonly KeyPolicy[]): readonly string[] {
  const byPublicKey = new Map(keys.map((key) => [key.publicKey, key]));
  return keys.flatMap((key) =>
    key.coSigners
      .flatMap((signer) => byPublicKey.get(signer) ?? [])
      .flatMap(({ id, workloads }) => {
        const [who, ...others] = [...key.workloads].filter((workload) => workloads.has(workload));
        if (who === undefined) return [];
        const more = others.length === 0 ? '' : ` and ${String(others.length)} more`;
        return `keys.${key.id}.coSigners: ${who}${more} may have ${id} sign as well, so it is no second word`;
      }),
  );
}

function workloadWarnings({ id, selectors }: WorkloadPolicy): readonly string[] {
  const bound = selectors.some(({ kind }) => kind === 'unix:uid' || kind === 'unix:user');
  return bound ? [] : [`workload ${id}: no selector names a uid, so it is any user for whom the others hold`];
}

function mayReceive(key: KeyPolicy, { accounts }: { readonly accounts: ReadonlySet<Pubkey> }): boolean {
  const { destinations } = key;
  return destinations === 'any' || [...accounts].some((one) => destinations.has(one) || isOwn(key, one));
}

function keyWarnings(key: KeyPolicy): readonly string[] {
  if (key.role !== 'wallet') return [];
  const found: string[] = [];
  const warn = (field: string, text: string): void => {
    found.push(`keys.${key.id}${field}: ${text}`);
  };
  key.limits.forEach(({ asset, perTransaction, max, scope }, index) => {
    if (perTransaction !== null && perTransaction > max) {
      const amount = formatAmount(max, asset.decimals, asset.name);
      warn(`.limits[${String(index)}]`, `perTransaction is above max, which at ${amount} is the limit`);
    }
    if (max === 0n) warn(`.limits[${String(index)}]`, 'max is 0, so nothing can be spent');
    if (scope.kind === 'destination' && scope.destination !== 'each' && !mayReceive(key, scope.destination)) {
      // One wrong character, and the wallet that was meant has no limit of its own.
      const { address } = scope.destination;
      warn(`.limits[${String(index)}]`, `${address} is no destination, so it bounds nothing`);
    }
  });
  const fee = key.fee?.perTransaction ?? 0n;
  if (fee > 0n && fee < LEAST_FEE_BOUND) {
    warn(
      '.fee',
      `no fee is counted below ${formatSol(LEAST_FEE_BOUND)}, whatever the chain takes: all are refused`,
    );
  }
  if (key.fee !== null && !key.limits.some(({ asset }) => asset.name === 'SOL')) {
    warn('.fee', 'fees are SOL, which has no limit here, so they are refused');
  }
  if (key.workloads.size === 0) warn('', 'no workload may ask for signatures');
  if (key.programs.size === 0) warn('', 'no program may be called');
  if (key.destinations !== 'any' && key.destinations.size === 0 && key.limits.length > 0) {
    warn('', 'nobody may receive');
  }
  for (const wallet of key.wallets) {
    if (key.deny.accounts.has(wallet))
      warn('.deny.accounts', `${toAddress(wallet)} is allowed and denied: denied`);
  }
  for (const { scope } of [...key.limits, ...key.rates]) {
    if (scope.kind !== 'workload' || scope.workload === 'each' || key.workloads.has(scope.workload)) continue;
    warn('', `a limit is about ${scope.workload}, which may not ask for signatures`);
  }
  if (key.rates.some(({ max }) => max === 0)) warn('.rate', 'max is 0, so nothing can be signed');
  for (const name of key.deny.programs) {
    if (key.programs.has(name)) warn('.deny.programs', `${name} is allowed and denied: denied`);
  }
  return found;
}
