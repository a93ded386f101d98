// An agent with nothing but Node, so that it can be copied to where another user may read it.
//   node agent-child.mjs SOCKET call    JSON-RPC texts on standard input, one a line; answers, one a line
//   node agent-child.mjs SOCKET hold N  opens N connections, prints how many were answered, keeps them till the end
import console from 'node:console';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [, , socketPath, mode, count] = process.argv;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function post(body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request({ socketPath, method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** One request on a connection of its own, which stays open: true when it was answered, false when refused. */
function held() {
  const body = '{"jsonrpc":"2.0","id":1,"method":"listKeys"}';
  const head = [
    'POST / HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    socket.once('data', (chunk) => resolve(chunk.toString('latin1').startsWith('HTTP/1.1 200 ')));
    socket.once('error', () => resolve(false));
  });
}

if (mode === 'hold') {
  const all = await Promise.all(Array.from({ length: Number(count) }, held));
  console.log(all.filter(Boolean).length);
  process.stdin.resume().on('end', () => process.exit(0));
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      console.log(await post(line));
    } catch (error) {
      console.log(JSON.stringify({ failed: error.code }));
    }
  }
  agent.destroy();
}
