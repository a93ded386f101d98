import type { Pubkey } from '../../../src/core/pubkey.js';
import type { KeyContext } from '../../../src/solana/assessment.js';
import { keyContext } from '../../../src/solana/key-context.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { computeUnitLimit, encodeMessage, type TestInstruction, type TestMessage } from '../solana-build.js';
import { otherRecipes, systemRecipes, tokenRecipes, type Recipe } from './instructions.js';
import { TOKEN_RENT } from './layouts.js';
import type { Random } from './random.js';
import { ASSETS, type Cast } from './world.js';

export type Version = TestMessage['version'];

/** How often a recipe is drawn, beside 2 for the others: those that rarely succeed, so that each family is seen. */
const WEIGHTS: Readonly<Record<string, number>> = {
  pay: 3,
  transferWithSeed: 5,
  transfer: 12,
  transferChecked: 11,
  transferWithFee: 5,
  batch: 36,
  unwrap: 5,
  emptyAndClose: 18,
  stakeWithdraw: 6,
  reopen: 1,
  stakeReopen: 1,
  tableClose: 7,
  tableCreate: 2,
  createAta: 15,
  createAccount: 1,
  stakeMerge: 2,
  stakeOpen: 3,
  stakeSplit: 3,
  stakeMove: 3,
  stakeDelegate: 1,
  stakeDeactivate: 1,
  stakeMoveActive: 3,
  memo: 1,
};

const RECIPES: readonly Recipe[] = [systemRecipes, tokenRecipes, otherRecipes].flatMap((recipes) =>
  Object.entries(recipes).flatMap(([name, recipe]) => new Array<Recipe>(WEIGHTS[name] ?? 2).fill(recipe)),
);

/** What the policy would give a key that may use everything: all programs, all stake instructions. */
export function widestContext(cast: Cast): KeyContext {
  return {
    ...keyContext({
      key: cast.key,
      // The last is a mistake a policy can make: the native mint under the wrong program.
      assets: [...ASSETS, { program: PROGRAM_IDS['token-2022'], mint: NATIVE_MINT, decimals: 9 }],
      tables: new Map([
        [cast.table, cast.tableContents],
        [cast.secondTable, cast.secondContents],
      ]),
      rent: TOKEN_RENT,
    }),
    stake: new Set([
      'Initialize',
      'InitializeChecked',
      'DelegateStake',
      'Deactivate',
      'Withdraw',
      'Split',
      'Merge',
      'MoveStake',
      'MoveLamports',
    ]),
  };
}

/** One to three recipes, sometimes with an account swapped or a byte changed. */
export function randomInstructions(cast: Cast, random: Random): TestInstruction[] {
  const instructions: TestInstruction[] = [];
  const count = random.pick([1, 1, 1, 2, 3]);
  for (let step = 0; step < count; step++) {
    const recipe = random.pick(RECIPES);
    for (const instruction of recipe(cast, random)) instructions.push(disturbed(instruction, cast, random));
  }
  return instructions;
}

function disturbed(instruction: TestInstruction, cast: Cast, random: Random): TestInstruction {
  if (random.chance(94) || instruction.accounts.length === 0) return instruction;
  const { program } = instruction;
  if (random.chance(70)) {
    const everyone = [
      cast.key,
      cast.key,
      cast.attacker,
      cast.payer,
      ...cast.fresh,
      ...cast.ata,
      ...cast.auxiliary,
      ...cast.theirs,
      cast.multisig,
    ];
    const accounts = [...instruction.accounts];
    if (random.chance(20)) accounts.push(random.pick(everyone));
    else accounts[random.below(accounts.length)] = random.pick(everyone);
    return { program, accounts, data: instruction.data };
  }
  const data = Buffer.from(instruction.data);
  if (data.length > 0) data[random.below(Math.min(data.length, 4))] = random.below(50);
  return { program, accounts: instruction.accounts, data };
}

/** The message: who pays, which version, what is loaded through the pinned table, whether the key is readonly. */
export function compileMessage(cast: Cast, random: Random, instructions: readonly TestInstruction[]): Buffer {
  const version: Version = random.pick(['legacy', 0, 1] as const);
  const keyPays = random.chance(65);
  const all = version === 1 ? instructions : [computeUnitLimit(1_400_000), ...instructions];
  const used = new Set(all.flatMap((instruction) => instruction.accounts));
  const signers = [keyPays ? cast.key : cast.payer];
  for (const signer of [cast.key, cast.attacker, cast.payer, ...cast.fresh]) {
    if ((used.has(signer) || signer === cast.key) && !signers.includes(signer)) signers.push(signer);
  }
  const programs = new Set<Pubkey>(all.map((instruction) => instruction.program));
  const rest = [...used].filter((account) => !signers.includes(account) && !programs.has(account));
  const loadable = (account: Pubkey): boolean =>
    version === 0 &&
    (account === cast.late ? random.chance(90) : cast.tableContents.includes(account) && random.chance(50));
  const tables = [
    { address: cast.table, contents: [...cast.tableContents, cast.late] },
    { address: cast.secondTable, contents: [...cast.secondContents, cast.late] },
  ].map((table) => ({ ...table, writable: [] as Pubkey[], readonly: [] as Pubkey[] }));
  const loaded = new Set(rest.filter(loadable));
  for (const account of loaded) {
    const lists = random.pick(tables);
    (ASSETS.some((asset) => asset.mint === account) ? lists.readonly : lists.writable).push(account);
  }
  const accounts = [...signers, ...rest.filter((account) => !loaded.has(account)), ...programs];
  // All writable ones of all tables come before all readonly ones.
  const order = [
    ...accounts,
    ...tables.flatMap((table) => table.writable),
    ...tables.flatMap((table) => table.readonly),
  ];
  const lookups = tables
    .filter((table) => table.writable.length + table.readonly.length > 0)
    .map(({ address, contents, writable, readonly }) => ({
      table: address,
      writable: writable.map((account) => contents.indexOf(account)),
      readonly: readonly.map((account) => contents.indexOf(account)),
    }));
  // The last signer may be the key: then it can be readonly.
  const readonlyKey = !keyPays && signers.at(-1) === cast.key && random.chance(30);
  return encodeMessage({
    version,
    accounts,
    signatures: signers.length,
    readonlySigned: readonlyKey ? 1 : 0,
    readonlyUnsigned: programs.size,
    instructions: all.map((instruction) => ({
      program: order.indexOf(instruction.program),
      accounts: instruction.accounts.map((account) => order.indexOf(account)),
      data: instruction.data,
    })),
    lookups,
    ...(version === 1
      ? {
          config: {
            computeUnitLimit: 1_400_000,
            loadedDataLimit: 64 * 1024 * 1024,
            ...(random.chance(40) ? { priorityFee: BigInt(random.below(5_000_000)) } : {}),
          },
        }
      : {}),
  });
}
