// Each removes or weakens one rule of src/policy, the summing first of all. With any of them in place the tests it
// names must fail. Run them with `npm run mutations`.

import { mutations as declared } from './policy-declared.mjs';
import { mutations as rules } from './policy-rules.mjs';

const inquiry = 'src/policy/inquiry.ts';
const loss = ['test/property/policy/loss.test.ts'];
const unit = (name) => [`test/unit/policy/${name}.test.ts`];

export const mutations = [
  {
    name: 'policy: of several debits only the last is counted',
    file: inquiry,
    find: 'amounts.set(unit, (amounts.get(unit) ?? 0n) + amount)',
    replace: 'amounts.set(unit, amount)',
    tests: loss,
  },
  {
    name: 'policy: fees are not counted as SOL',
    file: inquiry,
    find: "  add('SOL', assessment.fee.lamports);\n",
    replace: '',
    tests: loss,
  },
  {
    name: 'policy: moves to own accounts are never counted',
    file: inquiry,
    find: "!(debit.own && key.ownAccounts === 'trusted')",
    replace: '!debit.own',
    tests: unit('assets'),
  },
  {
    name: 'policy: debits without a receiver are not counted',
    file: inquiry,
    find: 'if (asset === null || !isSpend(key, debit)) continue;',
    replace: 'if (asset === null || !isSpend(key, debit) || debit.destination === null) continue;',
    tests: unit('profiles'),
  },
  {
    name: 'policy: only the first instruction is counted',
    file: inquiry,
    find: 'of assessment.instructions) {',
    replace: 'of assessment.instructions.slice(0, 2)) {',
    tests: loss,
  },
  {
    name: 'policy: what the reading refuses is not asked about',
    file: 'src/policy/rules/structure.ts',
    find: 'return found.length === 0 ? assessment.refusals : [...assessment.refusals, ...found];',
    replace: 'return found.length === 0 ? [] : assessment.refusals;',
    tests: loss,
  },
  {
    name: 'policy: an asset without a limit may be spent',
    file: 'src/policy/rules/assets.ts',
    find: 'if (declared !== null && limited.has(declared.name)) continue;',
    replace: 'if (declared !== null) continue;',
    tests: unit('assets'),
  },
  {
    name: 'policy: the window is held against what is spent alone',
    file: 'src/policy/rules/spend.ts',
    find: 'spent + requested > max',
    replace: 'spent > max',
    tests: unit('decide'),
  },
  {
    name: 'policy: a transaction may take anything',
    file: 'src/policy/rules/spend.ts',
    find: 'perTransaction !== null && requested > perTransaction',
    replace: 'perTransaction !== null && requested < 0n',
    tests: unit('decide'),
  },
  {
    name: 'policy: a meter that is not kept is 0',
    file: 'src/policy/rules/spend.ts',
    find: 'if (spent === null) {',
    replace: 'if (spent === null && max < 0n) {',
    also: [
      {
        file: 'src/policy/rules/spend.ts',
        find: 'spent + requested > max',
        replace: '(spent ?? 0n) + requested > max',
      },
    ],
    tests: unit('conditions'),
  },
  {
    name: 'policy: only amounts ask for a destination',
    file: 'src/policy/rules/destinations.ts',
    find: 'new Set(report.destinations)',
    replace: 'new Set<Pubkey>()',
    tests: [...unit('programs'), ...unit('assets')],
  },
  {
    name: 'policy: the deny list of accounts is not read',
    file: 'src/policy/rules/conditions.ts',
    find: 'if (denied.size === 0) return [];',
    replace: 'if (denied.size >= 0) return [];',
    tests: unit('conditions'),
  },
  {
    name: 'policy: a denied program is allowed when listed',
    file: 'src/policy/rules/programs.ts',
    find: 'key.programs.has(name) && !denied',
    replace: 'key.programs.has(name)',
    tests: unit('conditions'),
  },
  {
    name: 'policy: a key without a fee rule may pay fees',
    file: 'src/policy/rules/fee.ts',
    find: 'if (key.fee !== null && lamports <= limit) return [];',
    replace: 'if (key.fee === null || lamports <= limit) return [];',
    tests: unit('decide'),
  },
  ...rules,
  ...declared,
];
