// Each removes or weakens one rule of src/solana. With any of them in place the loss test must fail: a mutation
// that survives is a rule nobody tests. Run them with `npm run mutations`.

const system = 'src/solana/programs/system.ts';
const token = 'src/solana/programs/token.ts';
const token2022 = 'src/solana/programs/token-2022.ts';
const stake = 'src/solana/programs/stake.ts';
const tables = 'src/solana/programs/address-lookup-table.ts';
const associated = 'src/solana/programs/associated-token.ts';
const opened = 'src/solana/opened-accounts.ts';
const own = 'src/solana/programs/own.ts';
const fee = 'src/solana/fee.ts';
const assess = 'src/solana/assess.ts';
const accounts = 'src/solana/accounts.ts';

const neverSystem = (name) => ({
  name: `system ${name} is not refused`,
  file: system,
  find: `never(call, '${name}',`,
  replace: `(() => ({ name: '${name}' }))(call, '${name}',`,
});

const allowToken = (name) => ({
  name: `token ${name} is not refused`,
  file: token,
  find: `    case '${name}':`,
  replace: `    case '${name}': if (name === '${name}') return { name };`,
});

export const mutations = [
  {
    name: 'system debits are dropped',
    file: system,
    find: 'debits: destination === context.key ? [] : [entry],',
    replace: 'debits: [],',
  },
  {
    name: 'system Transfer is not counted',
    file: system,
    find: "lamports: 4 }, 'transfer'),",
    replace: "lamports: 4 }, 'transfer') && { name: 'Transfer' },",
  },
  {
    name: 'system CreateAccount is not counted',
    file: system,
    find: "create(call, context, 'CreateAccount', 0, 1, 4)",
    replace: "({ name: 'CreateAccount' })",
  },
  {
    name: 'system CreateAccountWithSeed is not counted',
    file: system,
    find: "create(call, context, 'CreateAccountWithSeed', 0, 1, lamports)",
    replace: "({ name: 'CreateAccountWithSeed' })",
  },
  {
    name: 'system CreateAccountAllowPrefund looks for the payer in the first place',
    file: system,
    find: "create(call, context, 'CreateAccountAllowPrefund', 1, 0, 4)",
    replace: "create(call, context, 'CreateAccountAllowPrefund', 0, 1, 4)",
  },
  {
    name: 'the base of TransferWithSeed is not seen',
    file: system,
    find: 'source.account !== context.key && call.accounts[1] !== context.key',
    replace: 'source.account !== context.key',
  },
  {
    name: 'an account may be created over the key',
    file: system,
    find: 'if (call.accounts[to] === context.key) {',
    replace: 'if (false) {',
  },
  neverSystem('Assign'),
  neverSystem('Allocate'),
  neverSystem('AllocateWithSeed'),
  neverSystem('AssignWithSeed'),
  neverSystem('WithdrawNonceAccount'),
  neverSystem('AuthorizeNonceAccount'),
  allowToken('Approve'),
  allowToken('ApproveChecked'),
  allowToken('SetAuthority'),
  allowToken('Burn'),
  allowToken('BurnChecked'),
  allowToken('CloseAccount'),
  allowToken('UnwrapLamports'),
  allowToken('WithdrawExcessLamports'),
  allowToken('Transfer'),
  allowToken('TransferChecked'),
  { name: 'token debits are dropped', file: token, find: 'debits: [entry],', replace: 'debits: [],' },
  {
    name: 'Transfer from an account of unknown mint is let through',
    file: token,
    find: 'return refused(call, name, `${why}; use TransferChecked`);',
    replace: 'return { name };',
  },
  {
    name: 'only the account in the authority place is seen',
    file: token,
    find: 'return call.touchesKey ? judge(call, context, name) : { name };',
    replace:
      'return call.accounts[layout.accounts - 1] === context.key ? judge(call, context, name) : { name };',
  },
  {
    name: 'wrapped SOL is not SOL',
    file: own,
    find: 'mint === NATIVE_MINT ? SOL :',
    replace: 'false ? SOL :',
  },
  {
    name: 'mints are confused',
    file: token,
    find: 'asset: assetOf(call.program, mint),',
    replace: 'asset: assetOf(call.program, source),',
  },
  {
    name: 'wrapped SOL under the wrong program is own',
    file: own,
    find: 'own?.program === PROGRAM_IDS.token && own.mint === NATIVE_MINT',
    replace: 'own !== undefined',
  },
  {
    name: 'every receiver is own',
    file: own,
    find: 'return own?.program === PROGRAM_IDS.token && own.mint === NATIVE_MINT;',
    replace: 'return own !== null;',
  },
  { name: 'every token receiver is own', file: token, find: 'own,\n  };', replace: 'own: true,\n  };' },
  {
    name: 'TransferCheckedWithFee is not counted',
    file: token2022,
    find: 'return withoutHook(call, transferChecked(call, context, name, at));',
    replace: 'return { name };',
  },
  {
    name: 'TransferCheckedWithFee counts the fee for the amount',
    file: token2022,
    find: 'amount: 2 };',
    replace: 'amount: 11 };',
  },
  {
    name: 'a Batch is not opened',
    file: assess,
    find: 'const batch = isBatch(call) ? expand(call, context.key, room) : null;',
    replace: 'const batch = isBatch(call) ? [] : null;',
  },
  {
    name: 'a Batch is opened under Token only',
    file: assess,
    find: "call.programName === 'token' || call.programName === 'token-2022'",
    replace: "call.programName === 'token'",
    also: [
      {
        file: 'src/solana/programs/token-layouts.ts',
        find: '  [45, {',
        replace:
          "  [255, { name: 'SyncNative', lengths: { includes: () => true } as never, accounts: 0 }],\n  [45, {",
      },
    ],
  },
  {
    name: 'inner accounts are taken from the start',
    file: assess,
    find: 'const accounts = call.accounts.slice(slice.accountsFrom, slice.accountsTo);',
    replace: 'const accounts = call.accounts.slice(0, slice.accountsTo - slice.accountsFrom);',
  },
  {
    name: 'rent of an associated account is not counted',
    file: associated,
    find: '    debits: [debit],',
    replace: '    debits: [],',
  },
  {
    name: 'Token-2022 accounts are counted as Token accounts',
    file: associated,
    find: 'return declared.accountRent ?? rentFor(TOKEN_2022_ACCOUNT_BYTES, context);',
    replace: 'return context.tokenAccountRent;',
  },
  {
    name: 'rent of an account for a stranger is said to stay with the key',
    file: associated,
    find: 'destination: wallet.account === context.key ? null : wallet.account,',
    replace: 'destination: null,',
  },
  {
    name: 'stake Withdraw is not counted',
    file: stake,
    find: 'debits: to.account === context.key ? [] : [debit],',
    replace: 'debits: [],',
  },
  {
    name: 'stake Authorize is not refused',
    file: stake,
    find: 'if (!ALLOWABLE.has(name) || !allowed.has(name)) {',
    replace: "if (name !== 'Authorize' && (!ALLOWABLE.has(name) || !allowed.has(name))) {",
  },
  {
    name: 'a stake account opened for another withdrawer is said to stay with the key',
    file: opened,
    find: 'pubkeyAt(data, 36) === key &&',
    replace: '',
  },
  {
    name: 'a token account opened for another owner is said to stay with the key',
    file: opened,
    find: '&& pubkeyAt(data, 1) === key',
    replace: '',
  },
  {
    name: 'an account that was emptied before it was opened for the key is said to stay with it',
    file: opened,
    find: "if (found.stage === 'created') found.stage = opens ? 'opened' : 'lost';",
    replace: "if (found.stage === 'created' && opens) found.stage = 'opened';",
    also: [
      {
        file: opened,
        find: "if (account === creation?.account) found.stage = 'lost';",
        replace: "if (account === creation?.account && found.stage === 'opened') found.stage = 'lost';",
      },
    ],
  },
  {
    name: 'an account opened twice is said to stay with the key',
    file: opened,
    find: "if (account === creation?.account) found.stage = 'lost';",
    replace: '',
  },
  {
    name: 'rent of a lookup table is not counted',
    file: tables,
    find: "rent(call, context, 'CreateLookupTable', rentFor(TABLE_BYTES, context))",
    replace: "({ name: 'CreateLookupTable' })",
  },
  {
    name: 'rent of an extension is not counted',
    file: tables,
    find: 'return rent(call, context, name, rentFor(count * ADDRESS_BYTES, context));',
    replace: 'return { name };',
  },
  {
    name: 'a lookup table may be closed to anyone',
    file: tables,
    find: 'call.touchesKey && call.accounts[2] !== context.key ?',
    replace: 'false ?',
  },
  {
    name: 'the base fee is not counted',
    file: fee,
    find: 'lamports: payer ? base + priority : 0n',
    replace: 'lamports: payer ? priority : 0n',
  },
  {
    name: 'the priority fee is not counted',
    file: fee,
    find: 'lamports: payer ? base + priority : 0n',
    replace: 'lamports: payer ? base : 0n',
  },
  {
    name: 'the priority fee of v1 is not counted',
    file: fee,
    find: 'priority: message.config?.priorityFee ?? 0n',
    replace: 'priority: 0n',
  },
  {
    name: 'the unit price is not counted',
    file: fee,
    find: 'if (found > price) price = found;',
    replace: '',
  },
  {
    name: 'readonly loaded accounts come first',
    file: accounts,
    find: "['writable', 'readonly'] as const",
    replace: "['readonly', 'writable'] as const",
  },
  {
    name: 'loaded accounts go table by table',
    file: accounts,
    find: "for (const kind of ['writable', 'readonly'] as const) {\n    for (const lookup of message.lookups) {",
    replace:
      "for (const lookup of message.lookups) {\n    for (const kind of ['writable', 'readonly'] as const) {",
  },
];
