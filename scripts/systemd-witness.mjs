// usage: node systemd-witness.mjs ORIGIN LEDGER_KEY PORT: a C2SP witness on the loopback interface that has a key of
// its own for as long as it runs. Prints the tlog-policy that names it. For scripts/systemd-guest.
import { Buffer } from 'node:buffer';
import console from 'node:console';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';
import { parseAddress, pubkeyBytes } from './dist/core/pubkey.js';
import { ledgerNoteKey, parseCheckpoint } from './dist/ledger/note/checkpoint.js';
import { cosignedMessage } from './dist/ledger/note/cosignature.js';
import { formatVkey, noteKey } from './dist/ledger/note/key.js';
import { formatSignatureLine } from './dist/ledger/note/note.js';
import { verifyNote } from './dist/ledger/note/verify-note.js';
import { verifyConsistency } from './dist/ledger/tree/verify-consistency.js';

const [origin, ledgerKey, port] = process.argv.slice(2);
const log = ledgerNoteKey(origin, pubkeyBytes(parseAddress(ledgerKey)));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const own = noteKey(
  'witness.test/w',
  'cosignature/v1',
  Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url'),
);
let seen = { size: 0, root: Buffer.alloc(0) };

function answer(body) {
  const blank = body.indexOf('\n\n');
  const [first, ...lines] = body.slice(0, blank).split('\n');
  const opened = verifyNote(Buffer.from(body.slice(blank + 2)), [log]);
  if (!opened.ok) return { status: 403, body: '' };
  const { size, root } = parseCheckpoint(opened.text);
  const old = Number(first.slice('old '.length));
  if (old !== seen.size) return { status: 409, body: `${seen.size}\n` };
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const continues =
    old === 0 || verifyConsistency({ oldSize: old, newSize: size, oldRoot: seen.root, newRoot: root, proof });
  if (!continues) return { status: 422, body: '' };
  seen = { size, root };
  const time = Math.floor(Date.now() / 1000);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = Buffer.concat([stamp, sign(null, cosignedMessage(time, opened.text), privateKey)]);
  return { status: 200, body: formatSignatureLine({ name: own.name, id: own.id, signature }) };
}

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { status, body } = answer(Buffer.concat(chunks).toString());
    response.writeHead(status).end(body);
  });
}).listen(Number(port), '127.0.0.1', () => {
  console.log(`witness w ${formatVkey(own)} http://127.0.0.1:${port}\nquorum w`);
});
