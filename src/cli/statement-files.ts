import { lstat, rm, stat, writeFile } from 'node:fs/promises';
import { statementText, unsigned } from '../ceremony/sign-statement.js';
import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';
import { printable } from '../core/printable.js';
import { JsonError, parseStrictJson } from '../core/strict-json.js';
import type { Policy } from '../policy/policy.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { parseEnvelopeText, type Envelope } from '../sovereign/envelope.js';
import { namespaceOf } from '../sovereign/kinds/registry.js';
import { readStatement } from '../sovereign/read-statement.js';
import { statementGrants, statementLine } from '../sovereign/statement-line.js';
import { readInput } from './arguments.js';
import { inFile } from './in-file.js';
import { shellPath, shellWord } from './shell-word.js';
import { readPolicyFile } from './policy-file.js';

/** `request.json` is what is signed, `request.statement.json` the statement made of it. */
export function statementPath(path: string): string {
  return path.endsWith('.statement.json') ? path : `${path.replace(/\.json$/, '')}.statement.json`;
}

/** A statement, or the payload of one that nobody signed yet. Throws FILE_UNREADABLE, MALFORMED_STATEMENT. */
export async function readStatementFile(path: string): Promise<Envelope> {
  const bytes = readInput(path);
  return isPayload(bytes) ? unsigned(bytes) : await inFile(path, () => parseEnvelopeText(bytes));
}

/** A signed statement. Throws FILE_UNREADABLE, MALFORMED_STATEMENT. */
export async function readEnvelopeFile(path: string): Promise<Envelope> {
  return await inFile(path, () => parseEnvelopeText(readInput(path)));
}

function isPayload(bytes: Uint8Array): boolean {
  try {
    const value = parseStrictJson(bytes);
    return typeof value === 'object' && value !== null && 'type' in value;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

/**
 * The file may hold the only copy of what others have signed, and a disk can be full: what takes its place is written
 * beside it first, and stays there when the file itself cannot be written. It is written in place all the same, since
 * it keeps its owner and mode, which the daemon may need to read it. Throws FILE_UNREADABLE.
 */
export async function writeStatementFile(path: string, envelope: Envelope): Promise<void> {
  const text = statementText(envelope);
  const there = await stat(path).catch(() => null);
  if (there?.isFile() !== true) {
    // A link to what is not there yet is followed, as one to what is.
    const taken = await lstat(path).catch(() => null);
    await (taken === null ? writeNew(path, text) : write(path, text));
    return;
  }
  const draft = `${path}.draft`;
  // One that cannot be removed is in the way, and the error that says so names it.
  await rm(draft, { force: true }).catch(() => undefined);
  await writeNew(draft, text);
  await write(path, text, { hint: `${draft} holds what was to be written` });
  await rm(draft, { force: true });
}

/** What happens to a request when enough have signed. */
export interface Then {
  readonly config: string;
  /** The statement to write, where it is not `NAME.statement.json`. */
  readonly out?: string;
  /** What it changes and warnings, a sentence each, where the statement itself names only a digest. */
  readonly changes?: readonly string[];
  /** The command that brings it into force, given the path of the statement. */
  readonly next: (statement: string) => string;
}

/** For kinds that `attest submit` brings into force. */
export function thenSubmitted(config: string): Then {
  return { config, next: (statement) => `chancery attest submit ${statement} --config ${shellPath(config)}` };
}

/**
 * Writes exactly what is to be signed and prints what it does, how each kind of authority signs it, and what to do
 * then. An existing file is not replaced: somebody may be signing it.
 */
export async function writePayload(
  path: string,
  payload: Uint8Array,
  { config, out, changes = [], next }: Then,
): Promise<void> {
  const statement = readStatement(unsigned(payload));
  const line = statementLine(statement);
  const { signer, issuedAt, expiresAt, reason } = statement.payload;
  await writeNew(path, payload);
  const file = shellPath(path);
  const to = out === undefined ? '' : ` --out ${shellPath(out)}`;
  const sign = `chancery attest sign ${file} --config ${shellPath(config)}${to}`;
  const text = [
    `wrote ${path}: ${String(payload.length)} bytes, SHA-256 ${statement.digest}`,
    ...statementGrants(statement).map((grant) => `  ${printable(grant)}`),
    `  for ${signer}, issued ${issuedAt}, ${expiresAt === undefined ? 'never expires' : `until ${expiresAt}`}`,
    ...(reason === undefined ? [] : [`  reason ${printable(reason)}`]),
    ...changes.map((change) => `  ${change}`),
    'sign exactly these bytes, one way for each authority:',
    `  a key of this machine, ssh-agent or a FIDO key:`,
    `    ${sign} --identity KEYFILE`,
    `  elsewhere, with the stock tool:`,
    `    ssh-keygen -Y sign -n ${namespaceOf(statement.kind)} -f KEYFILE ${file}`,
    `    ${sign} --signature ${file}.sig`,
    ...(line === null
      ? ['  a wallet cannot show this statement: it is too long or not plain ASCII']
      : [
          '  a Ledger or another wallet:',
          `    solana sign-offchain-message --keypair usb://ledger ${shellWord(line)}`,
          `    ${sign} --authority ID --signature BASE58`,
        ]),
    'when enough have signed:',
    `  ${next(shellPath(out ?? statementPath(path)))}`,
  ];
  process.stdout.write(`${text.join('\n')}\n`);
}

/** The policy that says who the authorities are: a file given, or the one of the configuration. */
export async function policyOf(options: {
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
}): Promise<Policy> {
  if (options.policy !== undefined) return (await readPolicyFile(options.policy)).policy;
  if (options.config !== undefined) {
    const config = loadConfig(options.config);
    return (await readPolicyFile(config.policy, config)).policy;
  }
  throw new ChanceryError('USAGE', 'say which policy: --config FILE or --policy FILE');
}

const MAKE_ROOM = 'make room there and give the command again';
const HELP: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'it is there already: choose another name'],
  ['ENOSPC', MAKE_ROOM],
  ['EDQUOT', MAKE_ROOM],
]);

interface Writing {
  readonly flag?: 'w' | 'wx';
  readonly hint?: string;
}

/** A disk that is full makes a file and no more of it: that would only be in the way when the command is given again. */
async function writeNew(path: string, data: string | Uint8Array): Promise<void> {
  await write(path, data, { flag: 'wx' }).catch(async (error: unknown) => {
    const mine = !(error instanceof ChanceryError && systemCode(error.cause) === 'EEXIST');
    // Where nothing could be made nothing can be removed, and the first error is the one that says why.
    if (mine) await rm(path, { force: true }).catch(() => undefined);
    throw error;
  });
}

async function write(
  path: string,
  data: string | Uint8Array,
  { flag = 'w', hint }: Writing = {},
): Promise<void> {
  try {
    await writeFile(path, data, { flag });
  } catch (cause) {
    const why = systemCode(cause) ?? String(cause);
    const help = hint ?? HELP.get(why);
    throw new ChanceryError('FILE_UNREADABLE', `cannot write ${path} (${why})`, {
      cause,
      hint: help,
    });
  }
}
