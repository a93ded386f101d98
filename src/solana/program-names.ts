import { wellKnown, type Pubkey } from '../core/pubkey.js';

/** The programs a policy can name without declaring them; everything else is unknown to the signer. */
export const PROGRAM_NAMES = [
  'system',
  'token',
  'token-2022',
  'associated-token',
  'compute-budget',
  'memo',
  'stake',
  'address-lookup-table',
  'ed25519',
  'secp256k1',
  'secp256r1',
] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

export const PROGRAM_IDS: Readonly<Record<ProgramName, Pubkey>> = {
  system: wellKnown('11111111111111111111111111111111'),
  token: wellKnown('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'),
  'token-2022': wellKnown('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'),
  'associated-token': wellKnown('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'),
  'compute-budget': wellKnown('ComputeBudget111111111111111111111111111111'),
  memo: wellKnown('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
  stake: wellKnown('Stake11111111111111111111111111111111111111'),
  'address-lookup-table': wellKnown('AddressLookupTab1e1111111111111111111111111'),
  ed25519: wellKnown('Ed25519SigVerify111111111111111111111111111'),
  secp256k1: wellKnown('KeccakSecp256k11111111111111111111111111111'),
  secp256r1: wellKnown('Secp256r1SigVerify1111111111111111111111111'),
};

const BY_ID: ReadonlyMap<Pubkey, ProgramName> = new Map(
  PROGRAM_NAMES.map((name) => [PROGRAM_IDS[name], name]),
);

/** Null for a program outside the closed list. */
export function programNameOf(program: Pubkey): ProgramName | null {
  return BY_ID.get(program) ?? null;
}
