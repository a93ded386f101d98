// A Solana VM behind the JSON-RPC of a validator, on a loopback port, in a process of its own: litesvm aborts on
// bytes it cannot parse. Signatures and blockhashes are checked. Prints its port.
import { createServer } from 'node:http';
import process from 'node:process';
import bs58 from 'bs58';
import internal from 'litesvm/dist/internal.js';

const svm = new internal.LiteSvm();
const context = { slot: 1, apiVersion: '2.0.0' };

function send(wire) {
  const versioned = wire[0] === 0x81 || (wire[1 + 64 * wire[0]] & 0x80) !== 0;
  const result = versioned ? svm.sendVersionedTransaction(wire) : svm.sendLegacyTransaction(wire);
  if (result instanceof internal.FailedTransactionMetadata) {
    const error = new Error('Transaction simulation failed');
    const failure = result.err();
    error.data = {
      err: typeof failure === 'number' ? failure : failure.constructor.name,
      logs: result.meta().logs(),
    };
    throw error;
  }
  return bs58.encode(result.signature());
}

// The code of an upgradeable program lies in its program data, after a header of 45 bytes.
function clone(from, to) {
  const account = svm.getAccount(bs58.decode(from));
  const data = account.data();
  const code = data.length === 36 ? svm.getAccount(data.slice(4)).data().slice(45) : data;
  svm.addProgram(bs58.decode(to), code);
  return null;
}

const METHODS = {
  getLatestBlockhash: () => ({
    context,
    value: { blockhash: svm.latestBlockhash(), lastValidBlockHeight: 150 },
  }),
  getBalance: ([address]) => ({ context, value: Number(svm.getBalance(bs58.decode(address)) ?? 0n) }),
  requestAirdrop: ([address, lamports]) => {
    svm.airdrop(bs58.decode(address), BigInt(lamports));
    return null;
  },
  sendTransaction: ([text, options]) =>
    send(options?.encoding === 'base64' ? Buffer.from(text, 'base64') : bs58.decode(text)),
  getTransactionLogs: ([signature]) => svm.getTransaction(bs58.decode(signature))?.logs() ?? null,
  cloneProgram: ([from, to]) => clone(from, to),
};

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { id, method, params = [] } = JSON.parse(Buffer.concat(chunks).toString());
    let answer;
    try {
      const call = METHODS[method];
      answer =
        call === undefined
          ? { error: { code: -32601, message: `no method ${method}` } }
          : { result: call(params) };
    } catch (error) {
      answer = { error: { code: -32002, message: String(error.message ?? error), data: error.data } };
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
