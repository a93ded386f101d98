// Each removes or weakens one check around the keys and what widens their use: the HSM host, the ceremonies, the
// decision, the clock, the sockets. Run them with `npm run mutations custody`.

import { heldBy } from './held-by.mjs';

const of = heldBy('custody', '', '');

export const mutations = [
  ...of('hsm/pkcs11/trust', 'hsm/trust')(
    [
      'what a token does not know is proved',
      "raw === null ? absent === 'pass' : value",
      'raw === null || value',
    ],
    ['keys made by any mechanism', 'expected: keyGeneration,', 'expected: 0x1055,'],
    ['any waiver waives all', 'waives(waivers, check)', 'waivers.length > 0'],
  ),
  ...of('hsm/pkcs11/key-template', 'hsm/key-template')(
    ['a key that can be read out', 'CKA_EXTRACTABLE, value: false', 'CKA_EXTRACTABLE, value: true'],
    ['a key that unwraps others', 'CKA_DECRYPT, CKA_UNWRAP, ', 'CKA_DECRYPT, '],
    ['a key that can be copied', 'CKA_MODIFIABLE, CKA_COPYABLE]', 'CKA_MODIFIABLE]'],
    ['powers are never denied', "if (denial === 'minimal') return minimal;", 'return minimal;'],
    ['any error asks for less', ' || !TEMPLATE_REFUSED.has(returnValue)', ''],
  ),
  ...of('hsm/pkcs11/start-keys', 'hsm/start-keys')(
    ['a key that failed its checks', 'if (failed.length > 0) throw untrusted(key.id, failed);', ''],
    [
      'one key’s waivers for all',
      'keyGeneration, key.waivers',
      'keyGeneration, command.keys[0]?.waivers ?? []',
    ],
    ['one key judged for all', 'const handle = handles[index];', 'const handle = handles[0];'],
    [
      'a nonce without its purpose',
      "proofMessage(Buffer.from(command.nonce, 'hex'))",
      "Buffer.from(command.nonce, 'hex')",
    ],
  ),
  ...of('hsm/pkcs11/pin-latch', 'hsm/pin-latch')(
    ['a refused PIN is tried again', "attempt.state === 'unknown' && doubtful", 'doubtful'],
    ['a PIN in doubt is tried again', " && doubtful === 'allowed'", ''],
    ['PINs without end', 'record.attempts.length < MAX_REFUSED', 'true'],
    [
      'a record that cannot be read is none',
      "systemCode(error) === 'ENOENT') return null;",
      "systemCode(error) !== '') return null;",
    ],
    [
      'an attempt that was not written down',
      'return this.#write(record, this.#known === null ? linkSync : renameSync);',
      'return record !== null;',
    ],
    ['a login beside another', 'if (this.#text() !== this.#known) return false;', ''],
    ['one salt for all', "randomBytes(16).toString('hex')", "'00'.repeat(16)"],
  ),
  ...of('config/schema', 'config/chancery-yaml')(
    ['variables of the runtime', '/^(LD|NODE)_/', '/^LD_/'],
    ['an admin socket that others may use', '(value & 0o007) === 0', '(value & 0o006) === 0'],
    ['an operator twice in two spellings', '/^(0|[1-9]\\d{0,9})$/', '/^\\d+$/'],
  ),
  ...of('ledger/fold/body-fault', 'ledger/fold/body-fault')(
    [
      'a statement whose use nobody can tell',
      '      }\n      return envelopeFault(body.statement);',
      '      }\n      return null;',
    ],
    ['a second genesis', 'return state.size === 0', 'return state.size >= 0'],
    ['one good amount is enough', 'body.counted.some(', 'body.counted.every('],
    ['an outcome under any spelling', 'readSequence(body.authorization)', 'Number(body.authorization)'],
  ),
  ...of('ceremony/start-ledger', 'ceremony/start-ledger')(
    ['one id for two statements', 'statement.id === genesis.statement.id', 'false'],
    ['a policy of another signer than genesis', 'policy.signer !== payload.signer', 'false'],
    ['another epoch than genesis', 'JSON.stringify([epoch, ', 'JSON.stringify(['],
    ['other thresholds than genesis', 'Object.entries(threshold).sort(), ', ''],
    ['another key than genesis', ', keyOf(authority), ...checks]', ', ...checks]'],
    ['a key that must prove less than genesis says', ', ...checks]', ']'],
  ),
  ...of('ceremony/accept-statement', 'ceremony/accept-statement')(
    ['a ledger nobody compared', 'acceptance.pending === undefined && policy.anchors.length > 0', 'false'],
    ['a statement twice', 'state.statementUsed(statement.id)', 'false'],
    ['only the clock of the ledger', 'Math.max(ledgerNow, acceptance.now())', 'ledgerNow'],
    ['only the clock of the caller', 'Math.max(ledgerNow, acceptance.now())', 'acceptance.now()'],
    ['a rollback to another root', 'size === pending.size && root === pending.root', 'size === pending.size'],
    ['a head as old as the laxest allows', 'Math.min(...payload.keys', 'Math.max(...payload.keys'],
    ['only the first key', 'of payload.keys) {', 'of payload.keys.slice(0, 1)) {'],
    ['any freeze', 'held.hash === freeze', "held.hash !== ''"],
  ),
  ...of('signing/authorize', 'signing/authorize')(
    ['a clock that jumped', 'path.clock.check(state.time) ?? ', ''],
    ['anchors that do not follow', 'path.stops() ?? ', ''],
    ['only the clock of the ledger decides', 'Math.max(ledgerNow, path.clock.latest())', 'ledgerNow'],
    ['only our clock decides', 'Math.max(ledgerNow, path.clock.latest())', 'path.clock.latest()'],
    ['windows end by the later clock', 'entryTime: ledgerNow', 'entryTime: now'],
    [
      'what was denied is authorized',
      "if (verdict.decision === 'allow') {",
      "if (verdict.decision !== 'never') {",
    ],
  ),
  ...of('signing/record-denial', 'signing/authorize')(
    ['a name that the caller made up', 'known ? keyId : null', 'keyId'],
    [
      'refusals without end',
      'if (ledgerShareUsed(state, caller.peer.uid, path.dailyBytesPerUid, path.clock.latest()) !== null) return;',
      '',
    ],
  ),
  ...of('signing/clock-guard', 'signing/clock-guard')(
    ['a clock that falls behind', 'Math.abs(wall - estimate)', '(wall - estimate)'],
    ['only the boot clock', 'Math.max(wall, estimate)', 'estimate'],
    ['only the wall clock', 'Math.max(wall, estimate)', 'wall'],
  ),
  ...of('transport/bind-socket', 'transport/bind-socket')(
    ['a directory of others', '`${dirname(path)}/.`', "join(dirname(path), '.')"],
    ['whoever is too busy is dead', "error === 'ECONNREFUSED' || error === 'ENOENT'", 'error !== null'],
    ['a server that could not be given to its group', '    server.close();\n', ''],
  ),
  ...of('daemon/statement-desk', 'daemon/statement-desk')(
    ['tokens before a quorum', '    checkStatement(acceptance(next), envelope);\n', ''],
    ['work before a quorum', '      checkStatement(acceptance(), envelope);\n', ''],
    ['a rollback that is pending', 'pending: pending(),', 'pending: null,'],
    ['a policy without its bytes', 'for (const blob of [...blobs, bytes]) await ledger.putBlob(blob);', ''],
    ['tokens that are not closed', '      await tokens.discard(prepared);\n', ''],
  ),
  ...of('daemon/key-desk', 'daemon/key-desk')(
    ['a key while a rollback is pending', 'if (!mayAppend()) throw', 'if (false) throw'],
    ['a key that cannot be recorded', 'if (why !== null) throw', 'if (false) throw'],
    ['two ceremonies at once', 'const done = last.then(async', 'const done = Promise.resolve().then(async'],
  ),
];
