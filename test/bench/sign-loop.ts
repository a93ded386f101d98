import { createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11js from 'pkcs11js';
import { serveLoop } from './loop.js';
import { SyncedFile } from './synced-file.js';

/**
 * The bare loop: C_SignInit and C_Sign on one session, nothing else. `sign+verify` adds what the daemon must add, and
 * `in turn` does what one signature cannot do without, one after the other: a sync, sign, verify, a sync.
 */

const CKM_EDDSA = 0x1057;
const [, , modulePath = '', pinFile = '', tokenLabel = '', keyLabel = '', messageBytes = '300', ...more] =
  process.argv;
const [directory = '', entryBytes = '1200'] = more;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const token = new pkcs11js.PKCS11();
token.load(modulePath);
token.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
const slot = token
  .C_GetSlotList(true)
  .find((candidate) => token.C_GetTokenInfo(candidate).label.trim() === tokenLabel);
if (slot === undefined) throw new Error(`no token ${tokenLabel}`);
const session = token.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
token.C_Login(session, pkcs11js.CKU_USER, readFileSync(pinFile, 'utf8').trim());
const privateKey = find(pkcs11js.CKO_PRIVATE_KEY);
const publicKey = readPublicKey();

function find(objectClass: number): Buffer {
  token.C_FindObjectsInit(session, [
    { type: pkcs11js.CKA_CLASS, value: objectClass },
    { type: pkcs11js.CKA_LABEL, value: keyLabel },
  ]);
  const [found] = token.C_FindObjects(session, 1);
  token.C_FindObjectsFinal(session);
  if (found === undefined) throw new Error(`no key ${keyLabel}`);
  return found;
}

function readPublicKey(): KeyObject {
  const [attribute] = token.C_GetAttributeValue(session, find(pkcs11js.CKO_PUBLIC_KEY), [
    { type: pkcs11js.CKA_EC_POINT },
  ]);
  const point = Buffer.from(attribute?.value as Buffer).subarray(-32);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' });
}

const output = Buffer.alloc(64);
serveLoop(({ mode }, record) => {
  const message = randomBytes(Number(messageBytes));
  const file =
    mode === 'in turn' ? new SyncedFile(join(directory, 'bench-in-turn'), Number(entryBytes)) : null;
  for (let index = 0; !record.over(); index++) {
    message.writeUInt32LE(index, 0);
    const began = performance.now();
    file?.append();
    token.C_SignInit(session, { mechanism: CKM_EDDSA }, privateKey);
    const signature = token.C_Sign(session, message, output);
    if (mode !== 'sign' && !verify(null, message, publicKey, signature)) {
      throw new Error('the token made a wrong signature');
    }
    file?.append();
    record.add(began);
  }
  file?.remove();
  return Promise.resolve();
});
