import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** A new file with this text, durable when it returns; throws when the path exists, links included. */
export function writeDurably(path: string, text: string, mode = 0o600): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes what was created, renamed or removed in the directory durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
