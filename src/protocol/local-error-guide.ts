import type { LocalCode } from '../core/errors.js';
import type { ErrorAdvice } from './error-guide.js';

/** Codes met before or outside a daemon: start-up, ceremony, the command line, the client library. */
export const LOCAL_ERROR_GUIDE = {
  USAGE: {
    cause: 'The command line is wrong.',
    example: 'the ledger has no entry 12',
    agent: 'See `--help`; exit status 2.',
    operator: 'The same.',
  },
  CONFIG_INVALID: {
    cause: 'chancery.yaml is not valid, or does not fit the policy.',
    example: 'chancery.yaml: unknown key "ledgr" (did you mean ledger?)',
    agent: 'Nothing.',
    operator: 'Correct the line it names.',
  },
  POLICY_INVALID: {
    cause: 'policy.yaml is not valid.',
    example: 'keys[0].limits[0].max: expected an amount with its unit, like "0.5 SOL"',
    agent: 'Nothing.',
    operator: 'Correct what it names until `chancery policy check` names nothing; then sign it again.',
  },
  POLICY_NOT_IN_FORCE: {
    cause:
      'The policy file is unsigned, replayed, for another signer, or not the one the ledger has in force.',
    example: 'the policy is not signed: cannot read policy.yaml.sig',
    agent: 'Nothing.',
    operator: '`chancery policy sign`, then `chancery policy submit`. There is no unsigned mode.',
  },
  PATH_TOO_LONG: {
    cause: 'A Unix socket path has room for 107 bytes.',
    example: 'the socket path … needs 121 bytes, a Unix socket has room for 107',
    agent: 'Use a shorter `--socket`.',
    operator: 'Choose a shorter directory, for example /run/chancery.',
  },
  PERMISSION_UNSAFE: {
    cause: 'Others can read or change a file that must be the daemon’s alone.',
    example: 'the PIN file secrets/pin can be read by others',
    agent: 'Nothing.',
    operator: 'Correct owner and mode, and change the secret if somebody else may have read it.',
  },
  DIRECTORY_NOT_EMPTY: {
    cause: '`init` makes a set-up only in a directory that is empty or absent.',
    example: 'the directory demo is not empty',
    agent: 'Nothing.',
    operator: 'Choose another directory.',
  },
  FILE_UNREADABLE: {
    cause: 'A file or directory is missing, not readable, or not what it should be.',
    example: 'cannot read the configuration chancery.yaml',
    agent: 'Check the path.',
    operator: 'Check path, owner and mode.',
  },
  SYSTEM_PACKAGE_MISSING: {
    cause: 'A program or library of the system is not installed.',
    example: 'ssh-keygen is not installed',
    agent: 'Nothing.',
    operator: 'Run scripts/system-packages, or install what it names.',
  },
  SOCKET_IN_USE: {
    cause: 'A process already listens at the socket path, or the file there is no socket.',
    example: 'a process already listens at run/signer.sock',
    agent: 'Nothing.',
    operator:
      'Stop the other daemon or choose another path. A socket left by a dead daemon is replaced by itself.',
  },
  LEDGER_MISSING: {
    cause: 'There is no ledger in the directory; `serve` never starts one.',
    example: 'there is no ledger in ledger',
    agent: 'Nothing.',
    operator: '`chancery init` or `chancery genesis`. If there was one, find it: do not start over.',
  },
  LEDGER_EXISTS: {
    cause: 'A ledger is there already; it is never started over.',
    example: 'ledger/000000000000.ledger is there already',
    agent: 'Nothing.',
    operator: 'Use another directory.',
  },
  LEDGER_LOCKED: {
    cause: 'Another process writes this ledger.',
    example: 'another process writes the ledger in ledger',
    agent: 'Nothing.',
    operator: 'Give the command to the running daemon through its admin socket, or stop it.',
  },
  LEDGER_DAMAGED: {
    cause: 'The ledger is not what was written: anything but a torn last line.',
    example: 'entry 812 at byte 90112 of 000000000000.ledger (hash): the hash does not fit the entry',
    agent: 'Nothing.',
    operator: 'Keep the files as they are, run `chancery ledger verify`, restore from a backup.',
  },
  TOKEN_NOT_FOUND: {
    cause: 'The module shows no token with the pinned manufacturer, model, serial and label.',
    example: 'no token "demo" (serial "0a1b2c3d4e5f6071", "SoftHSM project" "SoftHSM v2")',
    agent: 'Nothing.',
    operator: 'Connect the token; check `module` and `environment` in chancery.yaml.',
  },
  TOKEN_MISMATCH: {
    cause: 'A token or module is there, and not the one the policy pins.',
    example: 'the PKCS#11 module has changed since the daemon started',
    agent: 'Nothing.',
    operator: 'Find out who changed it, before anything else.',
  },
  PIN_REFUSED: {
    cause:
      'The token refused the PIN, or it would be tried once too often. A refused PIN is never tried again.',
    example: 'the token refused the PIN of secrets/pin: CKR_PIN_INCORRECT',
    agent: 'Nothing.',
    operator: 'Correct the PIN file; a locked PIN is the security officer’s to unlock.',
  },
  KEY_NOT_FOUND: {
    cause: 'The token holds no private key with the label and id of the policy.',
    example: 'the token holds no private key with label trading-1',
    agent: 'Nothing.',
    operator: '`chancery keys list` shows what it holds.',
  },
  KEY_AMBIGUOUS: {
    cause: 'The token holds several private keys with this label and id.',
    example: 'the token holds 2 private keys with label trading-1',
    agent: 'Nothing.',
    operator: 'Give the id as well in the policy.',
  },
  KEY_UNTRUSTED: {
    cause:
      'The key’s attributes let it leave the token, or it is not the key of the pinned public key. From the client library: not the key that the agent expects.',
    example: 'key trading-1: not-extractable is true, must be false',
    agent:
      'Use nothing of the answer, and ask the operator which key is right. After a rotation connect anew, and name the new one where you name one.',
    operator:
      'Where the attributes are wrong, generate a new key in the token and move the funds. Where an agent gets it and the key was not rotated, treat what answers there as compromised until shown otherwise.',
  },
  SIGNATURE_WRONG: {
    cause:
      'A signature, or what came with it, is not what it should be; the client library checks every answer.',
    example: 'the signature is not that of the expected key over this transaction',
    agent: 'Do not send the transaction. Stop and tell the operator.',
    operator: 'Treat the daemon, or what answers in its place, as compromised until shown otherwise.',
  },
  RESPONSE_INVALID: {
    cause: 'The client got an answer that is not the protocol, or of another major version.',
    example: 'the daemon sent what is not a JSON-RPC answer',
    agent: 'Check the socket path and the versions of client and daemon.',
    operator: 'Check what listens at that path.',
  },
  DAEMON_UNREACHABLE: {
    cause: 'Nothing listens at the socket, or it may not be opened; the connection ended before the answer.',
    example: 'no daemon answers at /run/chancery/signer.sock: connect ENOENT /run/chancery/signer.sock',
    agent:
      'Try again with growing pauses. After a lost connection send the same bytes again: if they were signed, they count once.',
    operator: 'Start the daemon; check the group of the socket. Exit status 3.',
  },
  TIMEOUT: {
    cause: 'No answer within the time the caller gave.',
    example: 'the daemon did not answer within 10000 ms',
    agent: 'Send the same bytes again: if they were signed, they count once.',
    operator: 'Look at the token and the disk: `chancery status`.',
  },
  ABORTED: {
    cause: 'The caller gave up, or went away.',
    example: 'the client went away',
    agent: 'Nothing; an authorization already made still gets its outcome in the ledger.',
    operator: 'Nothing.',
  },
} as const satisfies Record<LocalCode, ErrorAdvice>;
