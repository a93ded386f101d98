import { ChanceryError } from '../core/errors.js';
import { parsePolicy } from '../policy/parse-policy.js';
import type { Policy } from '../policy/policy.js';
import { readBlob } from './blobs.js';
import { problem, type Problem } from './read/damage.js';

/** The policy that a policy entry names, from the blobs, or what is wrong with it. */
export async function loadPolicy(directory: string, sha256: string): Promise<Policy | Problem> {
  const blob = await readBlob(directory, sha256);
  if (!Buffer.isBuffer(blob)) return blob;
  try {
    return parsePolicy(blob);
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return problem('blob', `blobs/${sha256} is no policy: ${error.message}`);
  }
}
