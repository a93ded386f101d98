import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const run = promisify(execFile);
const DIST = new URL('../../../dist/', import.meta.url).href;

/** A thread that is terminated before it has said anything may be loading a native module: one in twenty aborted. */
const WATCH = `
  const { Worker } = await import('node:worker_threads');
  const { emit, terminate } = Worker.prototype;
  const heard = new WeakSet();
  let early = 0;
  Worker.prototype.emit = function (name, ...rest) {
    if (name === 'message' || name === 'exit') heard.add(this);
    return emit.call(this, name, ...rest);
  };
  Worker.prototype.terminate = function () {
    if (!heard.has(this)) early += 1;
    return terminate.call(this);
  };`;

/** How many threads were terminated too early, in a process of its own. */
async function early(module: string, body: string): Promise<string> {
  const source = `${WATCH}\nconst built = await import(${JSON.stringify(DIST + module)});\n${body}\nconsole.log(early);`;
  // From a file: threads inherit the flags that would make it a script of the command line.
  const directory = temporaryDirectory();
  await writeFile(join(directory, 'main.mjs'), source);
  return (await run(process.execPath, [join(directory, 'main.mjs')])).stdout;
}

it('threads that verify end by themselves, however short the ledger was', async () => {
  const verify = 'for (const count of [1, 3]) await built.threadedVerifier(count).close();';
  expect(await early('audit/check/signature-threads.js', verify)).toBe('0\n');
});

it('the thread of snapshots is stopped once it has loaded, however soon the daemon stops', async () => {
  const stop = `const thread = new built.SnapshotThread('/nonexistent');
    const made = thread.make(1, null).catch(() => undefined);
    await thread.stop();
    await made;`;
  expect(await early('daemon/snapshot-thread.js', stop)).toBe('0\n');
});

it('no thread of snapshots begins after the stop, which would wait until it has folded', async () => {
  const stop = `const thread = new built.SnapshotThread('/nonexistent');
    await thread.stop();
    console.log((await thread.make(1, null).catch((error) => error)).code);`;
  expect(await early('daemon/snapshot-thread.js', stop)).toBe('ABORTED\n0\n');
});
