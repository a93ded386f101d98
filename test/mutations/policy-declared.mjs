// One mutation for each rule that a declared program is held to.

const read = 'src/solana/declared/read-declared.ts';
const compile = 'src/solana/declared/compile-declared.ts';
const profiles = ['test/unit/policy/profiles.test.ts'];
const programs = ['test/unit/policy/programs.test.ts'];
const declared = ['test/unit/solana/declared.test.ts'];

export const mutations = [
  {
    name: 'declared: an account of the key may stand twice',
    file: read,
    find: 'if (mine.has(account)) return deny',
    replace: 'if (mine.has(account) && mine.size < 0) return deny',
    tests: [...profiles, ...declared],
  },
  {
    name: 'declared: an own account may stand anywhere',
    file: read,
    find: 'if (account === context.key || own) return deny',
    replace: 'if (account === context.key) return deny',
    tests: profiles,
  },
  {
    name: 'declared: the key may stand anywhere',
    file: read,
    find: 'if (account === context.key || own) return deny',
    replace: 'if (own) return deny',
    tests: declared,
  },
  {
    name: 'declared: anybody may stand for the key',
    file: read,
    find: 'if (account !== context.key) return deny',
    replace: 'if (account === null) return deny',
    tests: profiles,
  },
  {
    name: 'declared: anybody may stand for an own account',
    file: read,
    find: 'if (!own) return deny',
    replace: 'if (account === null) return deny',
    tests: profiles,
  },
  {
    name: 'declared: fixed accounts are not',
    file: read,
    find: 'if (account !== place.role.address) return deny',
    replace: 'if (account === null) return deny',
    tests: profiles,
  },
  {
    name: 'declared: accounts may be missing',
    file: read,
    find: 'if (call.accounts.length < declared) return deny',
    replace: 'if (declared < 0) return deny',
    tests: [...profiles, ...declared],
  },
  {
    name: 'declared: any number of accounts may follow',
    file: read,
    find: 'declared + instruction.remaining)',
    replace: 'declared + instruction.remaining + 255)',
    tests: profiles,
  },
  {
    name: 'declared: bytes may follow the arguments',
    file: read,
    find: "    reader.finish('the arguments');\n",
    replace: '',
    tests: profiles,
  },
  {
    name: 'declared: an account behind a table is nobody’s',
    file: read,
    find: 'account === null || context.ownTokenAccounts.has(account)',
    replace: 'account !== null && context.ownTokenAccounts.has(account)',
    tests: declared,
  },
  {
    name: 'declared: bounds do not hold',
    file: read,
    find: 'if (problem !== null) return refused(call, name, problem);',
    replace: 'if (problem === "") return refused(call, name, problem);',
    tests: profiles,
  },
  {
    name: 'declared: a most is not held',
    file: read,
    find: 'value > bound.most',
    replace: 'value < 0n',
    tests: [...profiles, ...declared],
  },
  {
    name: 'declared: a ratio is not held',
    file: read,
    find: 'if (value * denominator < base * numerator) {',
    replace: 'if (value * denominator < 0n) {',
    tests: declared,
  },
  {
    name: 'declared: flags of values that nobody declared are allowed',
    file: read,
    find: 'if (flag !== null) {',
    replace: "if (flag === '') {",
    tests: declared,
  },
  {
    name: 'declared: the destination is not told of what it receives',
    file: read,
    find: "reason: 'declared', source, destination, own: false",
    replace:
      "reason: 'declared', source, destination: destination === source ? destination : null, own: false",
    tests: programs,
  },
  {
    name: 'declared: several destinations may share what is spent',
    file: compile,
    find: 'if (spends.length > 0 && declaration.destinations.length > 1) {',
    replace: 'if (spends.length < 0) {',
    tests: declared,
  },
  {
    name: 'declared: any IDL will do',
    file: compile,
    find: 'if (digest !== declaration.idl.sha256) throw',
    replace: 'if (digest === "") throw',
    tests: declared,
  },
  {
    name: 'declared: the IDL of another program will do',
    file: compile,
    find: 'if (parsed.program !== null && parsed.program !== program) {',
    replace: 'if (parsed.program !== null && parsed.program.length < 0) {',
    tests: declared,
  },
  {
    name: 'declared: a known program may be declared anew',
    file: compile,
    find: 'if (programNameOf(program) !== null) throw',
    replace: "if (programNameOf(program) === 'memo') throw",
    tests: programs,
  },
  {
    name: 'declared: two instructions may begin alike',
    file: compile,
    find: 'const found = twin ?? other;',
    replace: 'const found = other;',
    tests: declared,
  },
  {
    name: 'declared: an instruction may begin like one that nobody declared',
    file: compile,
    find: 'const found = twin ?? other;',
    replace: 'const found = twin;',
    tests: declared,
  },
  {
    name: 'declared: an absent optional amount is 0',
    file: 'src/solana/declared/layout.ts',
    find: 'return tag(reader, layout.prefix, 2, what) === 1n ? readValue(reader, layout.inner, what) : null;',
    replace:
      'return tag(reader, layout.prefix, 2, what) === 1n ? readValue(reader, layout.inner, what) : 0n;',
    tests: [...profiles, ...declared],
  },
];
