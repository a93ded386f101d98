import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';

/** A file of records of an entry's size, each on the disk when `append` returns. */
export class SyncedFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #record: Buffer;

  constructor(path: string, recordBytes: number) {
    this.#path = path;
    this.#fd = openSync(path, 'w');
    this.#record = Buffer.alloc(recordBytes, 'x');
  }

  append(): void {
    writeSync(this.#fd, this.#record);
    fdatasyncSync(this.#fd);
  }

  remove(): void {
    closeSync(this.#fd);
    rmSync(this.#path);
  }
}
