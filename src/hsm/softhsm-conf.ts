import { ChanceryError } from '../core/errors.js';

/**
 * The text of softhsm2.conf for a token directory (absolute; it must exist, mode 0700). The same as
 * hsm-config/softhsm2.conf. Throws CONFIG_INVALID for a path that the format cannot express.
 */
export function softHsmConf(tokenDirectory: string): string {
  if (
    !tokenDirectory.startsWith('/') ||
    /[\n\r#]/.test(tokenDirectory) ||
    tokenDirectory !== tokenDirectory.trim()
  ) {
    throw new ChanceryError(
      'CONFIG_INVALID',
      `SoftHSM cannot keep its tokens in ${JSON.stringify(tokenDirectory)}`,
      {
        hint: 'choose an absolute path without # and line breaks',
      },
    );
  }
  return `# Tokens of this signer only. The directory holds the keys, encrypted under the PIN: mode 0700.
directories.tokendir = ${tokenDirectory}
objectstore.backend = file
log.level = ERROR
slots.removable = false
slots.mechanisms = ALL
library.reset_on_fork = false
`;
}

/** The token directory that a softhsm2.conf names, read as SoftHSM does: the last counts; null when there is no absolute one. */
export function tokenDirectoryOf(conf: string): string | null {
  let found: string | null = null;
  for (const line of conf.split('\n')) {
    const [, value] = /^\s*directories\.tokendir\s*=\s*(.*?)\s*$/.exec(line.replace(/#.*/, '')) ?? [];
    if (value !== undefined) found = value;
  }
  return found?.startsWith('/') === true ? found : null;
}
