import { parseAddress, pubkeyBytes } from '../../src/core/pubkey.js';

export const LOOKUP_PROGRAM = 'AddressLookupTab1e1111111111111111111111111';

export interface TableText {
  readonly addresses: readonly string[];
  readonly authority?: string;
  readonly deactivatedAt?: bigint;
  readonly extendedAt?: bigint;
  readonly extendedFrom?: number;
}

/** The account data of a table, written by hand from the layout of the lookup table program. */
export function tableData({ addresses, authority, ...rest }: TableText): Buffer {
  const meta = Buffer.alloc(56);
  meta.writeUInt32LE(1, 0);
  meta.writeBigUInt64LE(rest.deactivatedAt ?? 0xffff_ffff_ffff_ffffn, 4);
  meta.writeBigUInt64LE(rest.extendedAt ?? 5n, 12);
  meta.writeUInt8(rest.extendedFrom ?? 0, 20);
  if (authority !== undefined) {
    meta.writeUInt8(1, 21);
    meta.set(pubkeyBytes(parseAddress(authority)!), 22);
  }
  return Buffer.concat([meta, ...addresses.map((address) => pubkeyBytes(parseAddress(address)!))]);
}

/** `value` of a `getAccountInfo` answer. */
export function accountValue(data: Uint8Array, owner = LOOKUP_PROGRAM): Record<string, unknown> {
  return {
    data: [Buffer.from(data).toString('base64'), 'base64'],
    executable: false,
    lamports: 1,
    owner,
    rentEpoch: 18_446_744_073_709_552_000,
    space: data.length,
  };
}
