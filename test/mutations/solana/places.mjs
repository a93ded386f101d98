// Where the rules are, and the tests that see them.

export const system = 'src/solana/programs/system.ts';
export const token = 'src/solana/programs/token.ts';
export const token2022 = 'src/solana/programs/token-2022.ts';
export const stake = 'src/solana/programs/stake.ts';
export const tables = 'src/solana/programs/address-lookup-table.ts';
export const associated = 'src/solana/programs/associated-token.ts';
export const opened = 'src/solana/opened-accounts.ts';
export const own = 'src/solana/programs/own.ts';
export const fee = 'src/solana/fee.ts';
export const assess = 'src/solana/assess.ts';
export const accounts = 'src/solana/accounts.ts';
export const batches = 'src/solana/programs/token-batch.ts';
export const budget = 'src/solana/programs/compute-budget.ts';
export const precompile = 'src/solana/programs/precompile.ts';
export const unknown = 'src/solana/programs/unknown.ts';
export const roles = 'src/solana/programs/accounts-of.ts';
export const readMessage = 'src/solana/read-message.ts';
export const readAccounts = 'src/solana/read-accounts.ts';
export const readV1 = 'src/solana/read-v1.ts';
export const readTransaction = 'src/solana/read-transaction.ts';
export const declared = 'src/solana/declared/read-declared.ts';

const property = (...names) => names.map((name) => `test/property/solana/${name}.test.ts`);
export const refusals = property('refusals');
export const attempts = property('attempts');
export const decoders = property('decoders');
export const fees = property('fee');
export const exchange = property('declared');

export const neverSystem = (name, tests) => ({
  name: `system ${name} is not refused`,
  file: system,
  find: `never(call, '${name}',`,
  replace: `(() => ({ name: '${name}' }))(call, '${name}',`,
  ...(tests === undefined ? {} : { tests }),
});

export const allowToken = (name, tests) => ({
  name: `token ${name} is not refused`,
  file: token,
  find: `    case '${name}':`,
  replace: `    case '${name}': if (name === '${name}') return { name };`,
  ...(tests === undefined ? {} : { tests }),
});
