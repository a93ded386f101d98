import type { KeyContext } from '../assessment.js';
import { refused, type Call, type Finding } from './call.js';
import { readToken, transferChecked } from './token.js';

/** `[26, 1, amount u64, decimals u8, fee u64]`: the sender loses the amount, the fee is taken from it. */
const TRANSFER_FEE_EXTENSION = 26;
const TRANSFER_CHECKED_WITH_FEE = 1;
const WITH_FEE_LENGTH = 19;

/** Extension instructions by tag, for the sentence of a refusal; none of them is read further. */
const EXTENSIONS: Readonly<Record<number, string>> = {
  25: 'InitializeMintCloseAuthority',
  26: 'TransferFeeExtension',
  27: 'ConfidentialTransferExtension',
  28: 'DefaultAccountStateExtension',
  29: 'Reallocate',
  30: 'MemoTransferExtension',
  31: 'CreateNativeMint',
  32: 'InitializeNonTransferableMint',
  33: 'InterestBearingMintExtension',
  34: 'CpiGuardExtension',
  35: 'InitializePermanentDelegate',
  36: 'TransferHookExtension',
  37: 'ConfidentialTransferFeeExtension',
  39: 'MetadataPointerExtension',
  40: 'GroupPointerExtension',
  41: 'GroupMemberPointerExtension',
  42: 'ConfidentialMintBurnExtension',
  43: 'ScaledUiAmountExtension',
  44: 'PausableExtension',
  46: 'PermissionedBurnExtension',
};

/** Accounts of a plain checked transfer: source, mint, destination, authority. */
const PLAIN_TRANSFER_ACCOUNTS = 4;

/**
 * Token-2022: the instructions of Token, and checked transfers with a fee. Amounts of confidential transfers are
 * encrypted, hooks run third-party code with whatever accounts follow the authority, and the other extensions
 * change who controls an account: all refused, whether the key takes part or not, since they are not decoded.
 */
export function readToken2022(call: Call, context: KeyContext): Finding {
  const { data } = call;
  const tag = data[0] ?? 0;
  if (tag === TRANSFER_FEE_EXTENSION && data[1] === TRANSFER_CHECKED_WITH_FEE) return withFee(call, context);
  const extension = EXTENSIONS[tag];
  if (extension !== undefined) return refused(call, extension, `${extension} is not allowed`);
  const finding = readToken(call, context);
  return finding.name === 'TransferChecked' ? withoutHook(call, finding) : finding;
}

function withFee(call: Call, context: KeyContext): Finding {
  const name = 'TransferCheckedWithFee';
  if (call.data.length !== WITH_FEE_LENGTH) return refused(call, name, `${name} has the wrong length`);
  if (!call.touchesKey) return { name };
  const at = { source: 0, mint: 1, destination: 2, amount: 2 };
  return withoutHook(call, transferChecked(call, context, name, at));
}

function withoutHook(call: Call, finding: Finding): Finding {
  if (!call.touchesKey || call.accounts.length <= PLAIN_TRANSFER_ACCOUNTS) return finding;
  return refused(call, finding.name, 'accounts after the authority would be handed to a transfer hook');
}
