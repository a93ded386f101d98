import type { Config } from '../config/chancery-yaml.js';
import { readFileUpTo } from '../core/read-file.js';
import { tokenDirectoryOf } from '../hsm/softhsm-conf.js';

/** The files that tell the modules where their keys are. */
export function tokenConfigurations(config: Config): ReadonlySet<string> {
  const variables = [...config.tokens.values()].flatMap(({ environment }) => Object.entries(environment));
  return new Set(variables.filter(([name]) => name.endsWith('_CONF')).map(([, path]) => path));
}

/** Where SoftHSM keeps keys in files; whoever may write there may put others in their place. */
export function tokenDirectories(config: Config): readonly string[] {
  return [...tokenConfigurations(config)].flatMap((path) => {
    try {
      return tokenDirectoryOf(readFileUpTo(path, path).toString('utf8')) ?? [];
    } catch {
      // What the module makes of it is said of the token.
      return [];
    }
  });
}
