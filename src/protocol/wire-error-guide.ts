import type { WireCode } from '../core/errors.js';
import type { ErrorAdvice } from './error-guide.js';

/** Codes a daemon answers, in the order of a request's way through it. */
export const WIRE_ERROR_GUIDE = {
  MALFORMED_REQUEST: {
    cause:
      'The bytes are no HTTP, no JSON, no JSON-RPC request, more than the daemon takes in one message, or the params of the method are wrong.',
    example: 'params of signTransaction: unknown key "kei" (did you mean key?)',
    agent: 'Correct the program: the message names the field. Sending the same again gives the same answer.',
    operator: 'Nothing. Many of them from one uid are a broken or hostile program.',
  },
  UNKNOWN_METHOD: {
    cause: 'The socket has no such method, or on admin.sock this uid lacks the power for it.',
    example: 'there is no method "signTransation" on this socket',
    agent:
      'Correct the name; operators’ methods are on the other socket; a newer client may be ahead of the daemon.',
    operator: 'Grant the power under `operators` in chancery.yaml if this uid should have it.',
  },
  MALFORMED_TRANSACTION: {
    cause:
      'The transaction is not canonical base64, or not one well-formed legacy, v0 or v1 transaction to its last byte.',
    example: 'a lookup without an index, at byte 213',
    agent:
      'Build the transaction with a current library and send its wire form; the offset says where reading stopped.',
    operator: 'Nothing.',
  },
  MALFORMED_STATEMENT: {
    cause: 'The envelope, or the JSON inside it, is not a statement of a known kind.',
    example: 'the payload is not canonical base64',
    agent: 'Pass the statement on exactly as it was issued.',
    operator:
      'Make it with `chancery attest request` and sign that very file; `chancery attest inspect` reads it.',
  },
  UNKNOWN_KEY: {
    cause: 'There is no key of this name, or none that this workload may know: the answer is the same.',
    example: 'no such key for this workload',
    agent: 'Use an id that `listKeys` shows.',
    operator: 'Grant the key to the workload in policy.yaml, if it should have it.',
  },
  WORKLOAD_UNKNOWN: {
    cause:
      'No workload of the policy, or more than one, matches the calling process; or the kernel cannot name it (another pid or user namespace).',
    example: 'no registered workload matches the calling process',
    agent: 'Run under the uid and from the executable that were registered.',
    operator:
      'Compare the selectors with the process: `chancery doctor`. unix:path and unix:sha256 need CAP_SYS_PTRACE for the daemon when the agent has another uid.',
  },
  WORKLOAD_CHANGED: {
    cause: 'The process that connected has exited, or runs another executable than when it connected.',
    example: 'the process that connected has exited or runs another executable',
    agent: 'Connect from the process that asks, after exec; do not pass connections to other processes.',
    operator:
      'An agent that ended while it waited gets it too. If it still runs and did none of that, treat it as an attempt to borrow its identity.',
  },
  KEY_NOT_GRANTED: {
    cause: 'The policy does not grant this key to this workload.',
    example: 'the policy does not grant key trading-1 to this workload',
    agent: 'Use another key.',
    operator: 'Have a policy signed that grants it.',
  },
  ATTESTATION_REQUIRED: {
    cause:
      'No attestation opens the key to this workload, or those that do are used up or bound to another message.',
    example: 'no attestation opens key trading-1 to this workload',
    agent: 'Ask for one; `getChallenge` gives the ledger head it may have to name.',
    operator: '`chancery attest issue --workload ID --key KEY --ttl 30m --identity KEYFILE --submit`.',
  },
  ATTESTATION_STALE: {
    cause: 'The attestation is older than the key’s maxAge, or the ledger head it names is.',
    example: 'attestation 6f1c… is 2h old, above 1h',
    agent: 'Ask for a fresh one, well before the old one ages out.',
    operator: 'Issue a new attestation.',
  },
  ATTESTATION_EXPIRED: {
    cause: 'The attestation has passed its expiresAt, by the wall clock or by the boot clock.',
    example: 'attestation 6f1c… expired at 2026-11-22T10:00:00.000Z',
    agent: 'Ask for a new one; `listKeys` shows when each ends.',
    operator: 'Issue a new attestation.',
  },
  ATTESTATION_REVOKED: {
    cause:
      'An operator revoked the attestation or every attestation of the workload; or a new epoch of the Sovereign or an accepted rollback voided it.',
    example: 'the attestation was revoked while the request waited',
    agent: 'Stop, and ask why.',
    operator: 'When the reason is settled, issue a new attestation.',
  },
  STATEMENT_INVALID: {
    cause:
      'A well-formed statement that does not hold: another signer, epoch or serial, a used id, a wrong time.',
    example: 'the statement does not hold: it expired at 2026-11-22T10:00:00.000Z',
    agent: 'Ask for a statement made for this signer.',
    operator: 'Issue a new statement; an id is good once.',
  },
  QUORUM_NOT_MET: {
    cause: 'Fewer distinct authorities signed these bytes than the purpose needs.',
    example: 'the policy statement has 1 of the 2 signatures it needs',
    agent: 'Nothing.',
    operator: 'Let the authorities the hint names sign the same payload file: `chancery attest sign`.',
  },
  POSSESSION_REQUIRED: {
    cause:
      'The key or the attestation asks for proof of possession on this connection, and there is none that verifies.',
    example: 'the possession signature does not verify',
    agent:
      'On a WebSocket: `getChallenge`, sign "chancery/possession/v1", origin and nonce, `authenticate`. A nonce is good once.',
    operator: 'Nothing, unless the possession key was lost: then issue an attestation for a new one.',
  },
  NOT_A_SIGNER: {
    cause:
      'The key is not among the required signers of the transaction, or one the policy requires beside it is not.',
    example: 'the key is not a required signer of this transaction',
    agent: 'Put the key in a signer slot (fee payer or authority), or name the key that is.',
    operator: 'Nothing.',
  },
  INSTRUCTION_NOT_ALLOWED: {
    cause:
      'An instruction that is not allowed for this key, one of a known program that is not understood (unknown, or with bytes left over), or a transaction with too many of them.',
    example: 'Assign is not allowed: it gives the account to another owner',
    agent: 'Leave the instruction out; `failures` gives its index and program.',
    operator: 'Only a policy that declares it can allow it; some are never allowed.',
  },
  PROGRAM_NOT_ALLOWED: {
    cause:
      'The program is not among those the key or its attestation may call, or no program of that address is known.',
    example: 'instruction 2: program memo is not among those for key trading-1',
    agent: 'Leave the instruction out.',
    operator: 'Add the program to the key’s `programs` in a new policy.',
  },
  OPAQUE_INSTRUCTION: {
    cause:
      'A program that is neither known nor declared is handed the key: it could do anything in its name.',
    example: 'an unknown program would act with the authority of the key',
    agent: 'Leave the instruction out; if the program is meant, ask for it to be declared.',
    operator: 'Declare the program in a new policy, knowing that its word is then taken.',
  },
  DESTINATION_NOT_ALLOWED: {
    cause:
      'Value, or a refund, would go to an address that is not a destination of the key or of its attestation.',
    example: 'instruction 0: 7Np4… is not a destination of key trading-1',
    agent: 'Check the address. It may have been replaced on its way to you.',
    operator: 'Add the address to `destinations` in a new policy after checking it by another channel.',
  },
  ASSET_NOT_ALLOWED: {
    cause:
      'The transaction takes an asset that has no limit for this key, or that the policy does not declare.',
    example: 'instruction 0: USDC is without a limit for key trading-1',
    agent: 'Use an asset that `listKeys` shows.',
    operator: 'Declare the mint and give the key a limit for it in a new policy.',
  },
  UNRESOLVED_LOOKUP: {
    cause: 'A rule needs an account behind an address lookup table whose contents the policy does not pin.',
    example: 'an account behind a lookup table that is not pinned could be a denied one',
    agent: 'Name the account in the message itself.',
    operator: 'Pin the table in a new policy.',
  },
  DURABLE_NONCE_NOT_ALLOWED: {
    cause: 'The transaction uses a durable nonce: it would stay good for ever.',
    example: 'a durable nonce keeps a signature valid for ever',
    agent: 'Use a recent blockhash.',
    operator: 'Nothing.',
  },
  FEE_LIMIT_EXCEEDED: {
    cause: 'The most the transaction can cost in fees is above the key’s fee limit, or the key may pay none.',
    example: 'the fee can cost 0.002 SOL, above the 0.001 SOL a transaction may pay',
    agent:
      'Lower the compute unit price (in v1, the priority fee), set a compute unit limit, or use a separate fee payer; `explainTransaction` says which of them help.',
    operator: 'Raise `fee.perTransaction` in a new policy, if prices on chain have moved.',
  },
  SPEND_LIMIT_EXCEEDED: {
    cause: 'The transaction, or it with what the window already holds, passes a spend limit.',
    example: '0.5 SOL more would pass the 2 SOL allowed in 1h, of which 1.75 SOL is spent',
    agent: 'Wait until `resetsAt`, or ask for less. `failures` gives limit, spent, requested.',
    operator: 'A new policy, signed by the Sovereign, changes the limit.',
  },
  RATE_LIMITED: {
    cause: 'The key has signed as often in the window as it may.',
    example: '50 transactions were authorized in 1m; at most 50 may be',
    agent: 'Wait until `resetsAt`; send fewer, or the same bytes again, which count nothing.',
    operator: 'Look for a loop in the agent before raising `rate`.',
  },
  OUTSIDE_HOURS: {
    cause: 'The key signs only at certain hours.',
    example: 'key trading-1 is closed at this hour in America/New_York',
    agent: 'Wait.',
    operator: 'Change `hours` in a new policy.',
  },
  VOTE_UNSAFE: {
    cause:
      'The vote, or a block, would conflict with one already signed, or its safety cannot be shown. Not answered yet: keys of validators sign nothing in this version.',
    example: 'slot 301 is not above the watermark 305',
    agent: 'Do not try to vote around it: the validator continues with its next vote.',
    operator: 'See whether two validators run with one identity.',
  },
  KEY_FROZEN: {
    cause: 'An operator, or the daemon itself, froze the key or every key.',
    example: 'key trading-1 is frozen since 2026-11-22T10:00:00.000Z: "incident 12"',
    agent: 'Stop. What was signed before may still land for about 150 blocks.',
    operator: '`chancery unfreeze` with a statement of the Sovereign, when the reason is gone.',
  },
  KEY_RETIRED: {
    cause:
      'The key is retired and signs nothing any more. Not answered yet: no statement retires one in this version.',
    example: 'key trading-1 is retired',
    agent: 'Use its successor.',
    operator: 'Nothing: retirement is not undone.',
  },
  HSM_UNAVAILABLE: {
    cause:
      'The token failed, hung, died, is full of waiting requests, or made a signature that does not verify.',
    example: 'the request waited more than 5 s for the token',
    agent:
      'Ask again after a second, then less often. What was counted stays counted; the same bytes count once.',
    operator:
      '`chancery status` names the token and its trouble. A latched key stays so until it is checked.',
  },
  LEDGER_UNAVAILABLE: {
    cause:
      'A write or fsync of the ledger failed, or its disk is full: nothing is signed that is not durable first. Or an anchor that the policy requires stands against the ledger or does not follow it.',
    example: 'signing has stopped: the ledger is not anchored',
    agent: 'Ask again later.',
    operator:
      '`chancery status` says which. Free space, or find out why the disk failed and restart; reads go on meanwhile.',
  },
  CLOCK_JUMPED: {
    cause:
      'The wall clock outran the boot clock, or lags behind the ledger: windows and expiry could be wrong.',
    example: 'signing has stopped: the wall clock moved 3600 s against the boot clock',
    agent: 'Ask again later.',
    operator: 'Set the clock right, check the time service, restart the daemon.',
  },
  OVERLOADED: {
    cause:
      'Too many connections or requests, of this uid or in all; its requests filled their share of the ledger for 24 hours; the daemon has no file descriptor left; or it is shutting down.',
    example: 'uid 1001 has 512 requests in flight; one more would pass the 512 it may have',
    agent: 'Keep one connection, wait for answers, then try again less often. Nothing was counted.',
    operator:
      'See which uid it is in the log; raise `limits` or `ledger.dailyBytesPerUid` in chancery.yaml if the load is meant, and `LimitNOFILE` of the unit if descriptors ran out.',
  },
  INTERNAL: {
    cause: 'A defect of the daemon. Nothing of its inside is told.',
    example: 'the daemon failed to answer',
    agent:
      'Give `data.request` to the operator. Ask `listKeys` before sending again: something may have been counted.',
    operator: 'Find the request id in the log and report the defect.',
  },
} as const satisfies Record<WireCode, ErrorAdvice>;
