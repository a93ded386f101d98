import { Command } from 'commander';
import { example } from '../output.js';
import { policyOf, thenSubmitted, writePayload } from '../statement-files.js';
import { wishedPayload, withWish, type WishOptions } from './wish.js';

interface RequestOptions extends WishOptions {
  readonly policy?: string;
}

export function requestCommand(): Command {
  const command = new Command('request')
    .description('write exactly what is to be signed, and print how')
    .argument('<file>', 'the file to write, as request.json');
  return withWish(command)
    .addHelpText(
      'after',
      example(
        'chancery attest request monday.json --config chancery.yaml --workload spiffe://example.org/trader --key trading-1 --ttl 1h',
      ),
    )
    .action(async (file: string, options: RequestOptions) => {
      const payload = await wishedPayload(options, await policyOf(options));
      await writePayload(file, payload, thenSubmitted(options.config ?? 'chancery.yaml'));
    });
}
