/**
 * Instructions shared by Token and Token-2022: tag u8, then a body of one of the given lengths (tag included).
 * The chain tolerates trailing bytes; here the length is exact. What is not in the table is not understood.
 */
export interface TokenLayout {
  readonly name: TokenInstruction;
  readonly lengths: readonly number[];
  readonly accounts: number;
}

export type TokenInstruction =
  | 'InitializeMint'
  | 'InitializeAccount'
  | 'InitializeMultisig'
  | 'Transfer'
  | 'Approve'
  | 'Revoke'
  | 'SetAuthority'
  | 'MintTo'
  | 'Burn'
  | 'CloseAccount'
  | 'FreezeAccount'
  | 'ThawAccount'
  | 'TransferChecked'
  | 'ApproveChecked'
  | 'MintToChecked'
  | 'BurnChecked'
  | 'InitializeAccount2'
  | 'SyncNative'
  | 'InitializeAccount3'
  | 'InitializeMultisig2'
  | 'InitializeMint2'
  | 'InitializeImmutableOwner'
  | 'WithdrawExcessLamports'
  | 'UnwrapLamports';

export const BATCH = 255;

export const TOKEN_LAYOUTS: ReadonlyMap<number, TokenLayout> = new Map<number, TokenLayout>([
  [0, { name: 'InitializeMint', lengths: [35, 67], accounts: 2 }],
  [1, { name: 'InitializeAccount', lengths: [1], accounts: 4 }],
  [2, { name: 'InitializeMultisig', lengths: [2], accounts: 3 }],
  [3, { name: 'Transfer', lengths: [9], accounts: 3 }],
  [4, { name: 'Approve', lengths: [9], accounts: 3 }],
  [5, { name: 'Revoke', lengths: [1], accounts: 2 }],
  [6, { name: 'SetAuthority', lengths: [3, 35], accounts: 2 }],
  [7, { name: 'MintTo', lengths: [9], accounts: 3 }],
  [8, { name: 'Burn', lengths: [9], accounts: 3 }],
  [9, { name: 'CloseAccount', lengths: [1], accounts: 3 }],
  [10, { name: 'FreezeAccount', lengths: [1], accounts: 3 }],
  [11, { name: 'ThawAccount', lengths: [1], accounts: 3 }],
  [12, { name: 'TransferChecked', lengths: [10], accounts: 4 }],
  [13, { name: 'ApproveChecked', lengths: [10], accounts: 4 }],
  [14, { name: 'MintToChecked', lengths: [10], accounts: 3 }],
  [15, { name: 'BurnChecked', lengths: [10], accounts: 3 }],
  [16, { name: 'InitializeAccount2', lengths: [33], accounts: 3 }],
  [17, { name: 'SyncNative', lengths: [1], accounts: 1 }],
  [18, { name: 'InitializeAccount3', lengths: [33], accounts: 2 }],
  [19, { name: 'InitializeMultisig2', lengths: [2], accounts: 2 }],
  [20, { name: 'InitializeMint2', lengths: [35, 67], accounts: 1 }],
  [22, { name: 'InitializeImmutableOwner', lengths: [1], accounts: 1 }],
  [38, { name: 'WithdrawExcessLamports', lengths: [1], accounts: 3 }],
  [45, { name: 'UnwrapLamports', lengths: [2, 10], accounts: 3 }],
]);
