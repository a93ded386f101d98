import { decodeBase64, encodeBase64 } from '../core/base64.js';
import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { Peer } from '../identity/peer.js';
import { limitText } from '../policy/explain/limit-text.js';
import { limitsOf } from '../policy/limits-of.js';
import { ofEpoch } from '../policy/of-epoch.js';
import type { KeyPolicy, Policy } from '../policy/policy.js';
import type { Handlers } from '../protocol/dispatch.js';
import type { SignerMethods } from '../protocol/signer-methods.js';
import { wireEntry } from '../protocol/wire-entry.js';
import { toWireError } from '../protocol/wire-error.js';
import { parseEnvelope } from '../sovereign/envelope.js';
import type { Caller } from '../signing/caller.js';
import { explainTransaction } from '../signing/explain.js';
import type { Path } from '../signing/path.js';
import { signTransaction, type Signed } from '../signing/sign.js';
import { timesNow } from '../signing/times.js';
import type { Call } from '../transport/call.js';
import type { Observe } from './observed.js';
import type { Sessions } from './sessions.js';
import type { StatementDesk } from './statement-desk.js';
import { wireExplanation } from './wire.js';

export interface SignerRouteParts {
  readonly path: Path;
  readonly sessions: Sessions;
  readonly submit: StatementDesk;
  /** C2SP tlog-proof text for an entry. */
  readonly prove: (sequence: number) => Promise<string>;
  /** Told of every signature that is about to leave. */
  readonly signed: (signed: Signed) => void;
  readonly observe: Observe;
}

/**
 * Under this name metrics and log have each transaction of a `signTransactions`: the request as a whole is answered
 * well however many of them are refused.
 */
export const ONE_OF_SEVERAL = 'signTransactions[]';

/** To refuse a statement or a proof of possession takes about as long as so many other refusals more. */
const SIGNATURE_CHECK = 9;

/**
 * To put so many effects in words, or the limits of so many keys, takes about as long as to refuse a request, and gains
 * nobody anything either: batches of it would be everybody's latency.
 */
const WORDS_AS_ONE = 8;

/** The methods of signer.sock, each for the workload that calls. */
export function signerRoutes({
  path,
  sessions,
  submit,
  prove,
  signed,
  observe,
}: SignerRouteParts): Handlers<SignerMethods, Call<Peer>> {
  const { ledger, policies } = path;
  const inForce = (): Policy => policies.inForce(ledger.state);
  const callerOf = (call: Call<Peer>): Promise<Caller> => sessions.caller(call, inForce());
  const livingOf = (call: Call<Peer>): Promise<Caller> => sessions.living(call, inForce());

  const holding = ({ workload }: Caller, { address }: KeyPolicy) =>
    ofEpoch(ledger.state.attestations(workload, address, timesNow(path).now), inForce());

  const sign = async (caller: Caller, key: string, transaction: string, id: string, signal: AbortSignal) => {
    const bytes = transactionBytes(transaction);
    const result = await signTransaction(path, caller, { key, transaction: bytes, id, signal });
    signed(result);
    return signedResult(result);
  };

  return {
    getChallenge: async (_params, call) => {
      await livingOf(call);
      // A head that is remembered after more entries follow. It may not be durable yet: if a crash loses it, an
      // attestation that names it is refused.
      const { size, root } = ledger.state.challenge();
      return {
        nonce: sessions.nonce(call),
        ledger: { origin: ledger.origin, size, root },
        policy: inForce().sha256,
      };
    },

    authenticate: async ({ statement, svid, possession }, call) => {
      if (svid !== undefined) {
        throw new ChanceryError('MALFORMED_REQUEST', 'this signer takes no JWT-SVID', {
          hint: 'leave svid out: the kernel names the caller',
        });
      }
      const caller = await livingOf(call);
      try {
        if (possession !== undefined) {
          sessions.prove(call, ledger.origin, possession.publicKey, possession.signature);
        }
        if (statement !== undefined) await submit(parseEnvelope(statement), []);
      } catch (error) {
        call.refused(SIGNATURE_CHECK);
        throw error;
      }
      const opened = keysOf(inForce(), caller.workload).flatMap((key) => {
        const [newest] = holding(caller, key);
        return newest === undefined ? [] : [{ id: key.id, expiresAt: newest.expiresAt }];
      });
      const expiry = Math.min(...opened.map(({ expiresAt }) => expiresAt));
      return {
        workload: caller.workload,
        keys: opened.map(({ id }) => id),
        expiresAt: opened.length === 0 ? null : formatTime(expiry),
      };
    },

    listKeys: async (_params, call) => {
      const caller = await livingOf(call);
      const { state } = ledger;
      const keys = keysOf(inForce(), caller.workload);
      call.refused(Math.floor(keys.length / WORDS_AS_ONE));
      return keys.map((key) => {
        const [newest] = holding(caller, key);
        return {
          id: key.id,
          publicKey: key.address,
          role: key.role,
          attestation:
            newest === undefined ? null : { id: newest.id, expiresAt: formatTime(newest.expiresAt) },
          limits: limitsOf(key, state, timesNow(path).entryTime, caller.workload).map(limitText),
        };
      });
    },

    explainTransaction: async ({ key, transaction }, call) => {
      const caller = await livingOf(call);
      const explanation = explainTransaction(path, caller, key, transactionBytes(transaction));
      call.refused(Math.floor(explanation.effects.length / WORDS_AS_ONE));
      return wireExplanation(explanation);
    },

    // Of any entry, not only of the caller's own: a proof holds hashes, which tell nothing to those who do not
    // have the entry itself.
    getProof: async ({ sequence }, call) => {
      await livingOf(call);
      return prove(Number(sequence));
    },

    signTransaction: async ({ key, transaction }, call) =>
      sign(await callerOf(call), key, transaction, call.requestId, call.connection.signal),

    signTransactions: async ({ key, transactions }, call) => {
      const caller = await callerOf(call);
      return await Promise.all(
        transactions.map(async (transaction, index) => {
          const { requestId, connection, peer } = call;
          const id = `${requestId}.${String(index)}`;
          const asked = { method: ONE_OF_SEVERAL, requestId: id, connection, peer };
          try {
            return {
              result: await observe(asked, () => sign(caller, key, transaction, id, connection.signal)),
            };
          } catch (error) {
            call.refused(1);
            const { data, ...shown } = toWireError(error, id);
            return { error: { ...shown, data: { ...data, failures: [...data.failures] } } };
          }
        }),
      );
    },
  };
}

function keysOf(policy: Policy, workload: string): KeyPolicy[] {
  return [...policy.keys.values()].filter((key) => key.role !== 'ledger' && key.workloads.has(workload));
}

function transactionBytes(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes !== null) return bytes;
  throw new ChanceryError('MALFORMED_TRANSACTION', 'the transaction is not canonical base64', {
    failures: [{ code: 'MALFORMED_TRANSACTION', message: 'the transaction is not canonical base64' }],
  });
}

function signedResult({ signature, transaction, entry, authorized }: Signed) {
  return {
    signature,
    transaction: encodeBase64(transaction),
    entry: wireEntry(entry),
    limits: authorized.verdict.limits.map(limitText),
    request: authorized.request,
  };
}
