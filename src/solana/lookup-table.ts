import { ByteReader, ReadError } from '../core/byte-reader.js';
import { PUBKEY_BYTES, pubkeyAt, type Pubkey } from '../core/pubkey.js';

/** Bytes before the addresses. */
const META_BYTES = 56;
const LOOKUP_TABLE = 1;
const MAX_ADDRESSES = 256;
const NEVER = 0xffff_ffff_ffff_ffffn;

/** An address lookup table, as its account holds it. */
export interface LookupTable {
  readonly addresses: readonly Pubkey[];
  /** Who may append, deactivate and close; null when the table is frozen. */
  readonly authority: Pubkey | null;
  /** Null while the table is active. */
  readonly deactivatedAt: bigint | null;
  /** Slot of the last extension; its addresses can be used from the next slot on. */
  readonly extendedAt: bigint;
  /** How many addresses stood there before the last extension. */
  readonly extendedFrom: number;
}

/**
 * The data of a lookup table's account: type u32, deactivation slot u64, last extended slot u64, start index u8,
 * Option of the authority, zeros up to byte 56, addresses. Nothing else, and nothing after them. Throws ReadError.
 */
export function readLookupTable(data: Uint8Array): LookupTable {
  const reader = new ByteReader(data);
  const type = reader.u32le('the type');
  if (type !== LOOKUP_TABLE) throw new ReadError(`type ${String(type)} is no lookup table`, 0);
  const deactivated = reader.u64le('the deactivation slot');
  const extendedAt = reader.u64le('the last extended slot');
  const extendedFrom = reader.u8('the start index');
  const authority = readAuthority(reader);
  const padding = reader.take(META_BYTES - reader.offset, 'the padding');
  if (padding.some((byte) => byte !== 0)) throw new ReadError('the padding is not zero', META_BYTES);
  const addresses = readAddresses(reader);
  if (extendedFrom > addresses.length) throw new ReadError('the start index is past the addresses', 20);
  return {
    addresses,
    authority,
    deactivatedAt: deactivated === NEVER ? null : deactivated,
    extendedAt,
    extendedFrom,
  };
}

function readAuthority(reader: ByteReader): Pubkey | null {
  const at = reader.offset;
  const some = reader.u8('the authority');
  if (some > 1) throw new ReadError('the authority is neither there nor not', at);
  return some === 0 ? null : pubkeyAt(reader.take(PUBKEY_BYTES, 'the authority'));
}

function readAddresses(reader: ByteReader): readonly Pubkey[] {
  const { offset, remaining } = reader;
  if (remaining % PUBKEY_BYTES !== 0) throw new ReadError('the addresses end within one', offset);
  const count = remaining / PUBKEY_BYTES;
  if (count > MAX_ADDRESSES) {
    throw new ReadError(`${String(count)} addresses, at most ${String(MAX_ADDRESSES)}`, offset);
  }
  const raw = reader.take(remaining, 'the addresses');
  return Array.from({ length: count }, (_, index) => pubkeyAt(raw, index * PUBKEY_BYTES));
}
