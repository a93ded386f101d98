import { constants, openSync, readFileSync, write, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { loadConfig } from '../../src/config/chancery-yaml.js';
import { encodeBase58 } from '../../src/core/base58.js';
import { SIGNATURE_BYTES, verifyStrict } from '../../src/core/ed25519.js';
import { TokenSet } from '../../src/daemon/token-set.js';
import { HOST_SCRIPT } from '../../src/hsm/host-script.js';
import { sodiumVerifier } from '../../src/os/sodium.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import { Policies } from '../../src/signing/policies.js';

/**
 * What no signer in this process model can do without, and nothing else: a WebSocket, a commit, the token, a
 * verification, a commit. Nobody is identified, nothing is judged, and what is committed is no ledger. The daemon beside
 * it says what judging costs; this beside the bare loop, what the machine makes of processes that wait for each other.
 */

const [, , configFile = '', key = '', directory = '', entryBytes = '1200'] = process.argv;
const FILE_BYTES = 64 * 1024 * 1024;
/** Of a wire transaction with one signature. */
const SIGNATURE_AT = 1;
const MESSAGE_AT = SIGNATURE_AT + SIGNATURE_BYTES;

const config = loadConfig(configFile);
const policy = parsePolicy(readFileSync(config.policy));
const pinned = policy.keys.get(key);
if (pinned === undefined) throw new Error(`the policy has no key ${key}`);
const { publicKey, address } = pinned;
const verifyingKey = new Policies(policy).verifyingKey(address);
const tokens = await TokenSet.start({ config, hostScript: HOST_SCRIPT, report: () => undefined }, policy);
const verify = sodiumVerifier() ?? verifyStrict;

const file = join(directory, 'floor');
writeFileSync(file, Buffer.alloc(FILE_BYTES));
const fd = openSync(file, constants.O_WRONLY | constants.O_DSYNC);
const record = Buffer.alloc(Number(entryBytes), 'x');
let end = 0;
let waiting: (() => void)[] = [];
let writing = false;

/** As the ledger: whoever comes while a write runs shares the next one. */
function commit(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (writing) return;
    writing = true;
    setImmediate(writeWaiting);
  });
}

function writeWaiting(): void {
  const resolves = waiting;
  waiting = [];
  const bytes = Buffer.concat(resolves.map(() => record));
  if (end + bytes.length > FILE_BYTES) end = 0;
  write(fd, bytes, 0, bytes.length, end, (error) => {
    if (error !== null) throw error;
    end += bytes.length;
    for (const resolve of resolves) resolve();
    if (waiting.length > 0) writeWaiting();
    else writing = false;
  });
}

interface Asked {
  readonly id: number;
  readonly params: { readonly transaction: string };
}

async function answer(text: string): Promise<string> {
  const { id, params } = JSON.parse(text) as Asked;
  const transaction = Buffer.from(params.transaction, 'base64');
  const message = transaction.subarray(MESSAGE_AT);
  await commit();
  const signature = await tokens.sign({
    key: publicKey,
    message,
    priority: 'normal',
    dispatch: () => undefined,
  });
  if (!verify(verifyingKey, message, signature)) throw new Error('the token made a wrong signature');
  await commit();
  transaction.set(signature, SIGNATURE_AT);
  const result = { signature: encodeBase58(signature), transaction: transaction.toString('base64') };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    void answer(data.toString()).then((text) => {
      socket.send(text);
    });
  });
});
await new Promise<void>((resolve) => server.listen(join(directory, 'floor.sock'), resolve));
process.send?.('ready');
