import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wellKnown, type Pubkey } from '../../src/core/pubkey.js';
import { sha256Hex } from '../../src/core/sha256.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import { key, u64, type TestInstruction } from './solana-build.js';

const ROOT = fileURLToPath(new URL('../../profiles/', import.meta.url));

/** A shipped profile: the text of its `programs` section and the exact bytes of its IDL. */
export interface Profile {
  readonly folder: string;
  readonly section: string;
  readonly idl: Buffer;
}

export const PROFILES: readonly Profile[] = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    folder: name,
    section: readFileSync(`${ROOT}${name}/profile.yaml`, 'utf8'),
    idl: readFileSync(`${ROOT}${name}/idl.json`),
  }));

/** The policy text with the programs of all profiles: their sections under one `programs`. */
export function withProfiles(policy: Uint8Array, profiles = PROFILES): Buffer {
  const sections = profiles.map(({ section }) => section.slice(section.indexOf('programs:\n') + 10));
  return Buffer.concat([policy, Buffer.from(`programs:\n${sections.join('')}`)]);
}

export function profileBlob(sha256: string): Uint8Array | null {
  return PROFILES.find(({ idl }) => sha256Hex(idl) === sha256)?.idl ?? null;
}

const WHIRLPOOL = wellKnown('whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc');
const DAMM = wellKnown('cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG');
const DAMM_AUTHORITY = wellKnown('HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC');
const POOL = Array.from({ length: 8 }, (_, index) => key(8000 + index));
const pool = (index: number): Pubkey => POOL[index] ?? key(8000);

export interface Swap {
  readonly key: Pubkey;
  readonly input: Pubkey;
  readonly output: Pubkey;
  readonly amount: bigint;
  readonly least: bigint;
}

/** `swap` of Orca's Whirlpool, written by hand: the input is token A. Discriminator: SHA-256 of `global:swap`. */
export function whirlpoolSwap(swap: Swap, exactIn = 1, aToB = 1): TestInstruction {
  const [a, b] = aToB === 1 ? [swap.input, swap.output] : [swap.output, swap.input];
  return {
    program: WHIRLPOOL,
    accounts: [
      PROGRAM_IDS.token,
      swap.key,
      pool(0),
      a,
      pool(1),
      b,
      pool(2),
      pool(3),
      pool(3),
      pool(3),
      pool(4),
    ],
    data: Buffer.concat([
      Buffer.from('f8c69e91e17587c8', 'hex'),
      u64(swap.amount),
      u64(swap.least),
      u64(4295048016n),
      u64(0n),
      Buffer.of(exactIn, aToB),
    ]),
  };
}

/** `swap_v2`: mints and memo program among the accounts, with one supplemental tick array. */
export function whirlpoolSwapV2(swap: Swap, token: Pubkey = PROGRAM_IDS.token): TestInstruction {
  const { accounts, data } = whirlpoolSwap(swap);
  return {
    program: WHIRLPOOL,
    accounts: [
      ...[token, token, PROGRAM_IDS.memo, swap.key, pool(0), key(8100), key(8101)],
      ...accounts.slice(3),
      pool(5),
    ],
    data: Buffer.concat([
      Buffer.from('2b04ed0b1ac91e62', 'hex'),
      data.subarray(8),
      // Some, one slice: SupplementalTickArrays, 1.
      Buffer.of(1, 1, 0, 0, 0, 6, 1),
    ]),
  };
}

/** `swap` of Meteora's DAMM v2; `mode` makes it `swap2`. */
export function dammSwap(swap: Swap, mode: number | null = null, referral = DAMM): TestInstruction {
  const accounts = [
    ...[DAMM_AUTHORITY, pool(0), swap.input, swap.output, pool(1), pool(2), key(8100), key(8101), swap.key],
    ...[PROGRAM_IDS.token, PROGRAM_IDS.token, referral, pool(6), DAMM],
  ];
  const head = Buffer.from(mode === null ? 'f8c69e91e17587c8' : '414b3f4ceb5b5b88', 'hex');
  const tail = mode === null ? [] : [Buffer.of(mode)];
  return {
    program: DAMM,
    accounts,
    data: Buffer.concat([head, u64(swap.amount), u64(swap.least), ...tail]),
  };
}
