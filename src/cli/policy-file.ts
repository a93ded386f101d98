import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ledgerBlob } from '../ceremony/ledger-blob.js';
import type { Config } from '../config/chancery-yaml.js';
import { sha256Hex } from '../core/sha256.js';
import { nodeFiles } from '../os/files.js';
import { loadPolicy, type LoadedPolicy } from '../policy/load-policy.js';
import { readInput } from './arguments.js';
import { inFile } from './in-file.js';

export interface PolicyFile extends LoadedPolicy {
  readonly bytes: Uint8Array;
}

/** Where the IDLs of declared programs lie: any file name will do, they are found by their SHA-256. */
const IDL_DIRECTORY = 'idl';

/**
 * Reads a policy file with the IDLs it pins, from `idl/` beside it; those that are not there from the ledger of
 * `config`, which keeps them for every policy that was in force: a set-up restored from a backup has no `idl/`, and
 * unfreezing must not wait for one. Throws FILE_UNREADABLE, POLICY_INVALID (also for an IDL that is nowhere).
 */
export async function readPolicyFile(path: string, config?: Config): Promise<PolicyFile> {
  const bytes = readInput(path);
  const found = new Map<string, Uint8Array>();
  const load = async (sha256: string): Promise<Uint8Array | null> => {
    if (found.size === 0) for (const idl of await idlFiles(path)) found.set(sha256Hex(idl), idl);
    return found.get(sha256) ?? (config === undefined ? null : ledgerBlob(config, nodeFiles(), sha256));
  };
  return { bytes, ...(await inFile(path, () => loadPolicy(bytes, load))) };
}

async function idlFiles(path: string): Promise<Buffer[]> {
  const directory = join(dirname(path), IDL_DIRECTORY);
  const files = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return files.filter((file) => file.isFile()).map((file) => readInput(join(directory, file.name)));
}
