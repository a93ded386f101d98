/** What an agent imports as `chancery/client`. No HSM code and no native module is reachable from here. */
export { connect } from './client.js';
export type {
  Authenticated,
  Challenge,
  Client,
  ConnectOptions,
  Explanation,
  KeyInfo,
  Possession,
  Signed,
  SignedItem,
  SignManyRequest,
  SignRequest,
  TransactionRequest,
} from './client.js';
export type { CallOptions } from './rpc-session.js';
export {
  ChanceryError,
  type ErrorCode,
  type Failure,
  type LocalCode,
  type WireCode,
} from '../core/errors.js';
