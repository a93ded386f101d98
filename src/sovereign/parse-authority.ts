import { ReadError } from '../core/byte-reader.js';
import { enrolKey, type VerifyingKey } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import { NAME } from '../core/name.js';
import { parseAddress, pubkeyBytes } from '../core/pubkey.js';
import { PREAMBLES, REQUIREMENTS, type Authority, type AuthorityText } from './authority.js';
import { quote } from '../core/schema.js';
import { parsePublicKeyLine } from './ssh-public-key.js';

/**
 * Checks one authority and enrols its key (canonical, not of small order, torsion-free). Throws POLICY_INVALID
 * with a sentence that names the authority.
 */
export function parseAuthority(input: AuthorityText): Authority {
  const { id } = input;
  if (!NAME.test(id)) {
    throw new ChanceryError(
      'POLICY_INVALID',
      `authority ${quote(id)}: an id has 1 to 64 letters, digits, dots, dashes or underscores`,
    );
  }
  if ((input.ssh === undefined) === (input.solana === undefined)) {
    throw invalid(id, 'give exactly one of ssh and solana');
  }
  return input.ssh === undefined
    ? parseWallet(id, input.solana ?? '', input)
    : parseSsh(id, input.ssh, input);
}

function parseSsh(id: string, line: string, input: AuthorityText): Authority {
  if (input.preamble !== undefined) throw invalid(id, 'preamble goes with solana, not with ssh');
  const { type, key, application } = readLine(id, line);
  const fido = type === 'sk-ssh-ed25519@openssh.com';
  const require = choices(id, 'require', input.require ?? (fido ? ['touch'] : []), REQUIREMENTS);
  if (!fido && require.length > 0) {
    throw invalid(id, `an ssh-ed25519 key cannot prove ${require.join(' or ')}; use an sk-ssh-ed25519 key`);
  }
  return {
    id,
    scheme: 'sshsig',
    keyType: type,
    key: enrol(id, key),
    ...(application === undefined ? {} : { application }),
    require,
  };
}

function parseWallet(id: string, address: string, input: AuthorityText): Authority {
  if (input.require !== undefined) throw invalid(id, 'require goes with a FIDO ssh key, not with solana');
  const preambles = choices(id, 'preamble', input.preamble ?? [], PREAMBLES);
  if (preambles.length === 0) {
    throw invalid(id, `name the preambles it may sign with, some of ${PREAMBLES.join(', ')}`);
  }
  const pubkey = parseAddress(address);
  if (pubkey === null) throw invalid(id, 'solana is not the base58 of a 32-byte public key');
  return { id, scheme: 'solana-offchain', key: enrol(id, pubkeyBytes(pubkey)), preambles };
}

function readLine(id: string, line: string): ReturnType<typeof parsePublicKeyLine> {
  try {
    return parsePublicKeyLine(line);
  } catch (error) {
    if (error instanceof ReadError) throw invalid(id, error.message, error);
    throw error;
  }
}

function enrol(id: string, key: Uint8Array): VerifyingKey {
  const enrolled = enrolKey(key);
  if (enrolled === null) throw invalid(id, 'the public key is not a sound Ed25519 key');
  return enrolled;
}

/** Known words, each once. */
function choices<T extends string>(
  id: string,
  name: string,
  given: readonly string[],
  known: readonly T[],
): T[] {
  return given.map((word, index) => {
    const found = known.find((item) => item === word);
    if (found === undefined) {
      throw invalid(id, `${name} knows ${known.join(', ')}, not ${quote(word)}`);
    }
    if (given.indexOf(word) !== index) throw invalid(id, `${name} says ${word} twice`);
    return found;
  });
}

function invalid(id: string, message: string, cause?: unknown): ChanceryError {
  return new ChanceryError('POLICY_INVALID', `authority ${id}: ${message}`, { cause });
}
