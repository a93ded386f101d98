import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiled } from '../compiled.js';

const SOURCE = fileURLToPath(new URL('fault-disk.c', import.meta.url));

/** A call under the directory, as the shim saw it; reads only where a command was about them. */
export interface DiskCall {
  readonly function: string;
  /** Below the directory; `.` is the directory itself. */
  readonly path: string;
  /** `ok`, `short`, `holding`, `held`, `failed`, or the errno that was pretended. */
  readonly result: string;
}

/** fault-disk.c between a daemon and the files of one directory; see there for the commands. */
export class FaultyDisk {
  /** What the daemon must be started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #control: string;
  readonly #log: string;

  /** `directory`: a real path. */
  constructor(directory: string) {
    this.#control = join(dirname(directory), 'disk-fault-control');
    this.#log = join(dirname(directory), 'disk-fault-log');
    // The loader takes a space for the end of a name (ld.so(8)), and a checkout may stand below one.
    const shim = join(dirname(directory), 'disk-fault.so');
    // By rename: a daemon that still runs with it keeps its own.
    copyFileSync(compiled(SOURCE), `${shim}.new`);
    renameSync(`${shim}.new`, shim);
    this.environment = {
      LD_PRELOAD: shim,
      DISK_FAULT_UNDER: directory,
      DISK_FAULT_CONTROL: this.#control,
      DISK_FAULT_LOG: this.#log,
    };
  }

  /** Replaces all commands; none forwards everything. */
  command(...lines: readonly string[]): void {
    // By rename: the shim never reads half a command.
    writeFileSync(`${this.#control}.new`, lines.map((line) => `${line}\n`).join(''));
    renameSync(`${this.#control}.new`, this.#control);
  }

  /** All calls so far, of which the pattern matches `FUNCTION PATH RESULT`. */
  calls(pattern: RegExp): DiskCall[] {
    if (!existsSync(this.#log)) return [];
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && pattern.test(line))
      .map((line) => {
        const [name = '', path = '', result = ''] = line.split(' ');
        return { function: name, path, result };
      });
  }
}
