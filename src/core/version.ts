import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** The version of this package, as in `--version`, the `start` entry and getStatus. */
export const VERSION = manifest.version;
