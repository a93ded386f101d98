// Each removes or weakens one check of src/audit/check, the verification that shares no code with what writes the
// ledger. Run them with `npm run mutations verifier`.

import { heldBy } from './held-by.mjs';

const of = heldBy('verifier', 'audit/check/', 'audit/');

export const mutations = [
  ...of('statement-heads', 'statements')(
    ['any root is a head', 'if (root === named.root) return null', 'if (root !== undefined) return null'],
    [
      'a head nobody knows will do',
      'if (root === named.root)',
      'if (root === named.root || root === undefined)',
    ],
    ['every head is kept', 'if (slot === this.#slot && ', 'if (false && '],
    ['no head is kept', 'this.#kept.set(size', 'this.#kept.set(-1'],
    ['an acceptance names no head', 'return statement.payload', 'return null'],
    ['a challenge is no head', '(statement.payload.ledger ?? null)', 'null'],
  ),
  ...of('authority-check', 'entitlement')(
    ['any policy may be named', 'entry.policy !== policyDigest', 'false'],
    ['any public key of a policy’s key', 'policy !== null && key?.address !== entry.publicKey', 'false'],
    ['any workload may use a key', '!key.workloads.has(entry.workload)', 'false'],
    ['a freeze is no matter', 'if (freeze !== null) wrong', 'if (false) wrong'],
    ['a retired key may sign', 'warrants.retired(entry.publicKey)', 'false'],
    ['a latched key may sign', 'warrants.latched(entry.publicKey)', 'false'],
    ['an attestation serves any workload', 'warrant.workload !== entry.workload', 'false'],
    ['an attestation opens a key by its id', ' && key.publicKey === entry.publicKey', ''],
    ['an attestation opens a key by its public key', 'key.id === entry.key && ', ''],
    ['an attestation holds at its expiry', 'step.time >= warrant.expiresAt', 'step.time > warrant.expiresAt'],
    ['a revoked attestation holds', 'warrant.revoked !== null', 'false'],
    ['an attestation outlives its epoch', 'warrant.epoch !== policy.sovereign.epoch', 'false'],
    ['one use more', 'warrant.used >= uses', 'warrant.used > uses'],
    ['a repeat is a use', ' && entry.repeats === undefined', ''],
    ['any message under an attestation for one', 'sha256Hex(bytes) !== message', 'false'],
    ['any account is a signer', '.slice(0, message.signatures)', ''],
  ),
  ...of('warrants', 'entitlement')(
    ['a freeze of all holds for none', 'freeze.publicKey === null || ', ''],
    ['a freeze of a key holds for none', ' || freeze.publicKey === publicKey', ''],
    ['a rollback voids nothing', "if (statement?.kind === 'accept-rollback') this.#voidAll();", ''],
    ['a use is not counted', 'if (warrant !== undefined) warrant.used += 1;', ''],
    ['a revocation before its attestation', '      this.#revokedIds.get(id) ??\n', ''],
    [
      'an attestation issued as its workload was revoked',
      'issuedAt <= byWorkload.time ?',
      'issuedAt < byWorkload.time ?',
    ],
    ['a workload’s revocation revokes all', 'if (warrant.workload === entry.workload) warrant', 'warrant'],
  ),
  ...of(
    'expired-sweep',
    'entitlement',
  )([
    'what has expired is forgotten at once',
    'expiresAt(value) + 24 * HOUR_MS <= now',
    'expiresAt(value) <= now',
  ]),
  ...of('statement-check', 'statements')(
    ['genesis may stand anywhere', "(step.sequence === 0) !== (entry.type === 'genesis')", 'false'],
    ['another origin than the statement', 'payload.signer !== entry.origin', 'false'],
    ['another ledger key than the statement', 'payload.publicKey !== entry.publicKey', 'false'],
    ['the first Sovereign judges for ever', 'if (policy !== null) this.#sovereign = policy.sovereign;', ''],
    ['a statement under another kind', 'seen.kind !== entry.kind || ', ''],
    ['a statement under another id', ' || seen.id !== entry.id', ''],
    ['other signers than those that signed', '[...seen.authorities].sort().join() !==', "'' ==="],
    ['a policy or unfreeze under another id', 'if (seen.id !== entry.id)', 'if (false)'],
    ['an unfreeze of another freeze', ' || seen.payload.freeze !== entry.freeze', ''],
    [
      'the statement of a key entry',
      'entry.statement === undefined ? null : this.#verify',
      'true ? null : this.#verify',
    ],
    [
      'what a rollback voided holds',
      'statement.issuedAt <= this.#rollbackAt',
      'statement.issuedAt < this.#rollbackAt',
    ],
    ['a statement counts twice', 'if (this.#used.has(id))', 'if (false)'],
    ['a policy of other bytes', 'payload.sha256 !== entry.sha256', 'false'],
    ['a policy that follows another', 'payload.previous !== this.#policy', 'false'],
    ['a serial that stays', 'entry.serial <= this.#serial', 'entry.serial < this.#serial'],
    ['a first policy that genesis does not name', 'entry.sha256 !== this.#genesis?.policy', 'false'],
    ['a policy for another signer', 'policy.signer !== this.#origin', 'false'],
    ['a policy with another serial', 'policy.serial !== entry.serial', 'false'],
  ),
  ...of(
    'examination',
    'statements',
  )([
    'an unfreeze of a freeze that does not hold',
    'this.#warrants.freezeOf(entry.freeze) === null',
    'false',
  ]),
  ...of('counted-check', 'counted')(
    ['a unit twice', 'units.size !== counted.length', 'false'],
    ['no transaction', "amount('transactions') !== 1n", 'false'],
    ['another fee', "amount('fee') !== BigInt(fee)", 'false'],
    ['a fee that is no SOL', "amount('SOL') < BigInt(fee)", 'false'],
    ['a repeat that counts', 'entry.counted.length > 0', 'false'],
    ['a repeat of anything', 'String(original?.sequence) === repeats', 'original !== null'],
    ['a repeat prolongs its original', 'if (entry.repeats === undefined) this.#remember', 'this.#remember'],
    ['a repeat for another purpose', '`${purpose}\\n${workload}', '`${workload}'],
    ['a repeat for another workload', '\\n${workload}\\n${message}`', '\\n${message}`'],
  ),
  ...of('originals', 'counted')(
    ['a repeat after ten minutes', 'now - found.time > REMEMBERED_MS', 'false'],
    ['what counted anew stays old', '    originals.delete(subject);\n', ''],
  ),
  ...of('outcome-check', 'outcomes')(
    ['an authorization beside one that was abandoned', 'this.#abandoned.size > 0', 'false'],
    ['two outcomes', '    this.#open.delete(sequence);\n', ''],
    ['an outcome of nothing', 'sequence < this.#from', 'true'],
    ['a signature is not looked at', 'this.#signatures?.add(step, authorization, entry.signature);', ''],
  ),
  ...of('checkpoint-check', 'checkpoint-check')(
    ['any root at a checkpoint', 'root === next.checkpoint.root', 'true'],
    ['a ledger shorter than its checkpoint', 'this.#unmet.push({ expected, message, report });', ''],
    ['checkpoints in any order', '.sort((left, right) => left.checkpoint.size - right.checkpoint.size)', ''],
  ),
  ...of('checkpoint', 'note')(
    ['a checkpoint of another origin', '!opened.signers.includes(origin)', 'false'],
    ['a root of any length', 'decodeBase64(root)?.length !== 32', 'false'],
  ),
  ...of('expected-checkpoints', 'examination')(['a checkpoint of nothing', 'checkpoint.size === 0', 'false']),
  ...of(
    'ledger-key',
    'examination',
  )(['a pinned key under another origin', '(expected === null || expected === origin)', 'true']),
  ...of('note', 'note')(
    ['a signature that does not hold', '!verifyStrict(known.key, Buffer.from(text), signature)', 'false'],
    ['a note that nobody signed', 'signers.size === 0', 'false'],
    ['a key by its name', 'key.name === name && key.id.equals(id)', 'key.name === name'],
    ['a key by its id', 'key.name === name && key.id.equals(id)', 'key.id.equals(id)'],
    ['two keys of one name and id', 'more.length > 0', 'false'],
  ),
  ...of('cosignatures', 'cosignatures')(
    ['any cosignature', 'return verifyStrict(key, message, blob.subarray(TIME_BYTES));', 'return true;'],
    ['a cosignature of a time beyond every date', 'time <= 8_640_000_000_000n ? time : null', 'time'],
    ['a witness by its name', 'name === line.name && id.equals(line.id)', 'name === line.name'],
    ['a witness by its id', 'name === line.name && id.equals(line.id)', 'id.equals(line.id)'],
  ),
  ...of('witness-check', 'witness-check')(
    ['cosigned without its quorum', 'cosigned && quorum === false', 'false'],
    ['the policy after a checkpoint', 'sequence < size)?.policy', 'sequence <= size)?.policy'],
    ['a witness of another name with the key', ' && key.name === witness.key.name', ''],
    ['the ledger’s witnesses instead of the caller’s', 'if (this.#given !== null) return [this.#given];', ''],
  ),
  ...of('tile-check', 'evidence')(['any tile', 'if (found.equals(bytes)) return;', 'return;']),
  ...of(
    'signature-queue',
    'signature-queue',
  )(['batches that nobody verified', 'this.#failure ??= { error };', '']),
];
