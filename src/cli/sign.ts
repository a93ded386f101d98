import { Command } from 'commander';
import { encodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';
import { withClient } from './agent-socket.js';
import { example, print } from './output.js';
import { readTransactionInput } from './transaction-input.js';

interface SignOptions {
  readonly key: string;
  readonly transaction: string;
  readonly socket?: string;
  readonly json?: boolean;
}

export function signCommand(): Command {
  return new Command('sign')
    .description('ask the daemon for a signature: base64 in, signed base64 out')
    .requiredOption('--key <id>', 'key of the policy')
    .option('--transaction <file>', 'wire transaction in base64; - is standard input', '-')
    .option('--socket <path>', 'signer socket; else CHANCERY_SOCKET, else /run/chancery/signer.sock')
    .option('--json', 'print JSON: signature, ledger entry, what is left of the limits')
    .addHelpText(
      'after',
      example('chancery sign --socket demo/run/signer.sock --key trading-1 < transfer.b64 > signed.b64'),
    )
    .action(async ({ key, transaction: path, socket, json }: SignOptions) => {
      const transaction = await readTransactionInput(path);
      const signed = await withClient(socket, (client) => client.signTransaction({ key, transaction })).catch(
        refused,
      );
      const wire = encodeBase64(signed.transaction);
      const { signature, entry, limits, request } = signed;
      print({ text: wire, json: { signature, transaction: wire, entry, limits, request } }, json);
    });
}

/** The daemon says which rule failed and seldom what to do: that is `explain`'s to say, which reads transactions too. */
function refused(error: unknown): never {
  if (!(error instanceof ChanceryError) || error.failures.length === 0) throw error;
  if (error.hint !== undefined || error.code === 'MALFORMED_TRANSACTION') throw error;
  const { code, message, failures } = error;
  throw new ChanceryError(code, message, {
    cause: error,
    failures,
    hint: '`chancery explain` with the same options shows every rule, and what to change',
  });
}
