import { parseAmount, toBaseUnits } from '../core/amount.js';
import { parseAddress, type Pubkey } from '../core/pubkey.js';
import type { AssetPolicy } from './policy.js';
import type { Path, Problems } from './problems.js';

/** Addresses of a list, each once. */
export function addresses(list: readonly string[], path: Path, problems: Problems): Pubkey[] {
  const found = new Set<Pubkey>();
  list.forEach((text, index) => {
    const pubkey = parseAddress(text);
    if (pubkey === null) problems.add([...path, index], 'not the base58 of 32 bytes');
    else if (found.has(pubkey)) problems.add([...path, index], 'the same address stands twice');
    else found.add(pubkey);
  });
  return [...found];
}

/** Names of a list, each once and each declared. */
export function names(
  list: readonly string[],
  path: Path,
  known: ReadonlySet<string>,
  what: string,
  problems: Problems,
): ReadonlySet<string> {
  const found = new Set<string>();
  list.forEach((name, index) => {
    if (!known.has(name)) problems.add([...path, index], `no ${what} ${name} is declared`);
    else if (found.has(name)) problems.add([...path, index], `the ${what} ${name} stands twice`);
    found.add(name);
  });
  return found;
}

/** Base units of an amount whose unit must be the asset's. */
export function baseUnits(text: string, asset: AssetPolicy, path: Path, problems: Problems): bigint {
  const parsed = parseAmount(text);
  if (parsed === null) problems.add(path, 'not an amount like "0.5 SOL"');
  else if (parsed.unit !== asset.name) problems.add(path, `the unit must be ${asset.name}`);
  const units = parsed === null ? null : toBaseUnits(parsed, asset.decimals);
  if (parsed !== null && units === null) {
    problems.add(path, `finer than ${String(asset.decimals)} decimals or above the largest amount`);
  }
  return units ?? 0n;
}
