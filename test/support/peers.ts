import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admitPeer, type Peer, type PidfdSource } from '../../src/identity/peer.js';

/** Connects, says so, then does what each line of its standard input says. */
const CLIENT = `
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.set_inheritable(True)
s.connect(sys.argv[1])
print("connected", os.getpid(), flush=True)
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "exec":
        os.execv(rest, [rest, "1000"])
    if word == "orphan":
        child = os.fork()
        if child:
            print("orphan", child, flush=True)
            os._exit(0)
        time.sleep(1000)
`;

/**
 * Connects in a process of another uid that dies before anybody can accept, while a child of it keeps the connection;
 * then, if the fourth argument is `reuse`, has a process of this uid live under the pid that was freed. Prints the pids
 * of the child and of that process.
 */
const VANISHING = `
import os, socket, sys, time
path, uid, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def sleeper():
    os.closerange(0, 3)
    time.sleep(60)
    os._exit(0)
r, w = os.pipe()
gone = os.fork()
if gone == 0:
    os.setuid(uid)
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    holder = os.fork()
    if holder == 0:
        sleeper()
    os.write(w, str(holder).encode())
    os._exit(0)
os.waitpid(gone, 0)
print(os.read(r, 20).decode(), flush=True)
for attempt in range(500 if mode == "reuse" else 0):
    with open("/proc/sys/kernel/ns_last_pid", "w") as f:
        f.write(str(gone - 1))
    impostor = os.fork()
    if impostor == 0:
        if os.getpid() == gone:
            sleeper()
        os._exit(0)
    if impostor == gone:
        print(impostor, flush=True)
        break
    os.waitpid(impostor, 0)
`;

/** Processes that are tried: another process of the machine may live under the freed pid by then, and stay. */
const VANISHING_ATTEMPTS = 10;

/** The system's interpreter where there is one: it is root's, and every account may run it. */
export const PYTHON = realpathSync(
  ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path)) ??
    spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim(),
);

export const isRoot = process.geteuid?.() === 0;
/** Whether this machine lets us make user and mount namespaces. */
export const canUnshare = spawnSync('unshare', ['-Urm', 'true']).status === 0;

/** Whether a test may choose the next pid. */
export const canChoosePid = isRoot && writable('/proc/sys/kernel/ns_last_pid');

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

interface Admission {
  readonly socket: Socket;
  /** What admission gave, or threw. */
  readonly outcome: Peer | Error;
}

interface PeerClient {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly peer: Peer;
  /** The next line it prints. */
  readonly say: (command: string) => void;
  readonly line: () => Promise<string>;
}

interface ClientOptions {
  readonly source?: PidfdSource;
  readonly uid?: number;
  readonly gid?: number;
  /** The program and arguments before the script; the default is Python. */
  readonly command?: readonly [string, ...string[]];
}

interface Vanishing {
  readonly source: PidfdSource;
  readonly uid: number;
  /** Another process lives under its pid by then. */
  readonly reused: boolean;
}

export interface PeerSite {
  readonly directory: string;
  readonly script: string;
  connect(options?: ClientOptions): Promise<PeerClient>;
  /** What admission says of a process of `uid` that connected and was gone, or replaced, before it was accepted. */
  vanished(options: Vanishing): Promise<Peer | Error>;
  close(): Promise<void>;
}

/** A Unix socket that admits real processes, in a directory of its own. */
export async function peerSite(): Promise<PeerSite> {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-peers-'));
  chmodSync(directory, 0o755);
  const script = join(directory, 'client.py');
  writeFileSync(script, CLIENT, { mode: 0o644 });
  const path = join(directory, 's');
  const admissions: Admission[] = [];
  const processes: ChildProcess[] = [];
  let source: PidfdSource | undefined;
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    admissions.push({ socket, outcome: admit(socket, source) });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o777);
  const admitted = async (): Promise<Admission> => {
    for (;;) {
      const admission = admissions.shift();
      if (admission !== undefined) return admission;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return {
    directory,
    script,
    async connect(options = {}) {
      source = options.source;
      const [program, ...before] = options.command ?? [PYTHON];
      const child = spawn(program, [...before, script, path], {
        stdio: ['pipe', 'pipe', 'inherit'],
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.gid === undefined ? {} : { gid: options.gid }),
      });
      processes.push(child);
      const line = lines(child);
      const pid = Number((await line()).split(' ')[1]);
      const { outcome: peer } = await admitted();
      if (peer instanceof Error) throw peer;
      return { process: child, pid, peer, line, say: (command) => child.stdin.write(`${command}\n`) };
    },
    async vanished({ source: held, uid, reused }) {
      source = held;
      for (let attempt = 0; attempt < VANISHING_ATTEMPTS; attempt++) {
        // Nothing is accepted while this waits: the event loop stands still.
        const args = ['-c', VANISHING, path, String(uid), reused ? 'reuse' : 'gone'];
        const { stdout } = spawnSync(PYTHON, args, {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const pids = stdout.trim().split('\n').map(Number);
        // Taken in any case: the next test would have it for its own.
        const { outcome } = await admitted();
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        if (pids.length === (reused ? 2 : 1)) return outcome;
        if (!(outcome instanceof Error)) outcome.close();
      }
      throw new Error('no process could be had under the freed pid');
    },
    async close() {
      for (const child of processes) child.kill('SIGKILL');
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function admit(socket: Socket, source: PidfdSource | undefined): Peer | Error {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  try {
    const peer = admitPeer(Number(fd), source);
    socket.on('close', () => {
      peer.close();
    });
    return peer;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function lines(child: ChildProcess): () => Promise<string> {
  let text = '';
  let wake = (): void => undefined;
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    wake();
  });
  child.once('exit', (code) => {
    if (code !== null && code !== 0) text += `exited ${String(code)}\n`;
    wake();
  });
  return async () => {
    while (!text.includes('\n')) await new Promise<void>((resolve) => (wake = resolve));
    const end = text.indexOf('\n');
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return line;
  };
}
