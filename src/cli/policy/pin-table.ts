import { rename, stat, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { listBlock, writeList, type ListAt } from '../../core/edit-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { systemCode } from '../../core/files.js';
import { quote } from '../../core/schema.js';
import { parseAddress, toAddress } from '../../core/pubkey.js';
import { parseEndpoint } from '../../net/endpoint.js';
import { fetchAccount, readAccount } from '../../net/rpc-account.js';
import { MAX_POLICY_BYTES } from '../../policy/parse-policy.js';
import { agreedTable, pinNotes, type PinnedTable, type Told } from '../../policy/pinned-table.js';
import { collect, readInput } from '../arguments.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { shellPath } from '../shell-word.js';

interface PinOptions {
  readonly table: string;
  readonly rpc?: readonly string[];
  readonly from?: string;
  readonly print?: boolean;
  readonly json?: boolean;
}

export function pinTableCommand(): Command {
  return new Command('pin-table')
    .description('write the contents of an address lookup table into a policy; signs and submits nothing')
    .argument('<file>', 'policy.yaml; comments and order stay as they are')
    .requiredOption('--table <address>', 'the lookup table')
    .option(
      '--rpc <url>',
      'RPC endpoint, or @FILE that holds its URL (one with an access key); at least two, which must agree',
      collect,
    )
    .option(
      '--from <file>',
      'an answer of getAccountInfo, or `solana account ADDRESS --output json`, in a file',
    )
    .option('--print', 'print the block instead of writing it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery policy pin-table demo/policy.yaml --table ADDRESS --rpc https://rpc-a.example --rpc @rpc-b.url',
        'chancery policy pin-table demo/policy.yaml --table ADDRESS --from table.json',
      ),
    )
    .action(async (file: string, options: PinOptions) => {
      const address = parseAddress(options.table);
      if (address === null) throw new ChanceryError('USAGE', '--table is not the base58 of 32 bytes');
      const { bytes, policy } = await readPolicyFile(file);
      const pinned = agreedTable(await told(options));
      const notes = pinNotes(pinned, policy.tables.get(address) ?? null);
      const { table, slot } = pinned;
      const list: ListAt = { map: 'tables', key: options.table, items: table.addresses.map(toAddress) };
      if (options.print !== true) await write(file, bytes, list);
      const json = {
        table: options.table,
        addresses: list.items,
        authority: table.authority === null ? null : toAddress(table.authority),
        slot,
        notes,
        written: options.print === true ? null : file,
      };
      print({ text: textOf(file, list, pinned, notes, options.print === true), json }, options.json);
    });
}

async function told({ rpc, from, table }: PinOptions): Promise<readonly Told[]> {
  if ((rpc === undefined) === (from === undefined)) {
    throw new ChanceryError('USAGE', 'say where the table comes from: two times --rpc URL, or --from FILE');
  }
  if (from !== undefined) {
    const text = readInput(from).toString('utf8');
    const account = readAccount(text, from);
    checkAddress(text, table, from);
    return [{ source: from, account }];
  }
  const endpoints = (rpc ?? []).map(urlOf).map(parseEndpoint);
  if (new Set(endpoints.map(({ name }) => name)).size < 2) {
    throw new ChanceryError('USAGE', 'one endpoint could say anything: name two that are not the same', {
      hint: 'the contents of a table decide who is paid',
    });
  }
  return await Promise.all(
    endpoints.map(async (endpoint) => ({
      source: endpoint.name,
      account: await fetchAccount(endpoint, table),
    })),
  );
}

/** `solana account` says whose contents it prints: those of another table would pay somebody else. */
function checkAddress(text: string, table: string, from: string): void {
  const { pubkey } = JSON.parse(text) as { readonly pubkey?: unknown };
  if (pubkey === undefined || pubkey === table) return;
  const said = typeof pubkey === 'string' ? quote(pubkey) : 'another';
  throw new ChanceryError('RESPONSE_INVALID', `${from} holds the account ${said}, not ${table}`);
}

function urlOf(text: string): string {
  return text.startsWith('@') ? readInput(text.slice(1)).toString('utf8').trim() : text;
}

/** Whole or not at all: what is renamed into place is a policy that says the old one and the table. */
async function write(path: string, bytes: Uint8Array, list: ListAt): Promise<void> {
  const text = writeList(Buffer.from(bytes).toString('utf8'), list, MAX_POLICY_BYTES);
  if (text === null) {
    throw new ChanceryError('POLICY_INVALID', `the way ${path} is laid out leaves no place to write into`, {
      hint: 'use --print and paste the block',
    });
  }
  const draft = `${path}.pin-table`;
  try {
    const { mode } = await stat(path);
    await writeFile(draft, text, { mode: mode & 0o777, flag: 'wx' });
    await rename(draft, path);
  } catch (cause) {
    throw new ChanceryError(
      'FILE_UNREADABLE',
      `cannot write ${path} (${systemCode(cause) ?? String(cause)})`,
      {
        cause,
        hint: `what was being written is ${draft}, when it is there`,
      },
    );
  }
}

function textOf(
  file: string,
  list: ListAt,
  { table, slot }: PinnedTable,
  notes: readonly string[],
  printed: boolean,
): string {
  if (printed) return [...notes.map((note) => `# ${note}`), listBlock(list).trimEnd()].join('\n');
  const count = String(table.addresses.length);
  const at = slot === null ? '' : ` as of slot ${String(slot)}`;
  return [
    `wrote ${count} addresses of ${list.key}${at} into ${file}`,
    ...notes.map((note) => `  ${note}`),
    'nothing is signed: raise serial, look, then sign it:',
    `  chancery policy diff ${shellPath(file)} --config chancery.yaml`,
    `  chancery policy sign ${shellPath(file)} --config chancery.yaml`,
  ].join('\n');
}
