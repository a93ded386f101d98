import { ChanceryError } from '../core/errors.js';
import { loadPolicy as load } from '../policy/load-policy.js';
import type { Policy } from '../policy/policy.js';
import { readBlob } from './blobs.js';
import { problem, type Problem } from './read/damage.js';

/** The policy that a policy entry names, from the blobs, or what is wrong with it. */
export async function loadPolicy(directory: string, sha256: string): Promise<Policy | Problem> {
  const blob = readBlob(directory, sha256);
  if (!Buffer.isBuffer(blob)) return blob;
  try {
    const { policy } = await load(blob, (digest) => {
      const idl = readBlob(directory, digest);
      return Promise.resolve(Buffer.isBuffer(idl) ? idl : null);
    });
    return policy;
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return problem('blob', `blobs/${sha256} is no policy: ${error.message}`);
  }
}
