/**
 * The import table of docs/architecture/README.md as rules, a list of what is allowed: a new folder or import
 * fails until it is written here and there. Every folder may import itself and core.
 */
const FOLDERS = {
  core: [],
  os: [],
  protocol: [],
  solana: [],
  hsm: [],
  config: [],
  operations: [],
  ledger: [],
  sovereign: [],
  transport: ['os', 'protocol'],
  identity: ['os', 'protocol'],
  policy: [
    'solana',
    'sovereign/authority',
    'sovereign/parse-sovereign',
    'identity/selector',
    'ledger/note/tlog-policy',
  ],
  signing: ['solana', 'policy', 'sovereign', 'identity', 'ledger'],
  audit: [
    'ledger/(entries|chain|entry-text|tree)',
    'ledger/note/tlog-policy',
    'os/(sodium|make-directories)',
    'solana',
    'policy',
    'sovereign',
  ],
  ceremony: ['os', 'hsm', 'config', 'sovereign', 'policy', 'ledger'],
  client: ['protocol'],
  net: [],
  relay: ['ledger', 'net'],
  cli: [
    'client',
    'audit',
    'ceremony',
    'config',
    'sovereign',
    'policy',
    'solana',
    'protocol',
    'os',
    'hsm/(token-options|host-script)',
    'ledger/(entries|state)',
    'signing/records',
    'relay',
    'net',
  ],
  daemon: '.*',
};

/** Third-party packages by the only folders that may import them. */
const PACKAGES = {
  pkcs11js: 'hsm/pkcs11/',
  koffi: 'os/',
  ws: '(transport|client)/',
  'prom-client': 'operations/',
  commander: 'cli/',
  yaml: 'core/',
  bs58: 'core/',
  '@noble/ed25519': 'core/',
  '@solana/web3.js': 'client/adapters/',
  '@solana/kit': 'client/adapters/',
  zod: '.*',
};

const quoted = (name) => name.replaceAll('.', '\\.');
/** A file or a folder of the list. */
const within = (parts) => `^src/(?:${parts.join('|')})(?:/|\\.ts$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'two files that need each other are one concept, or one of them holds what belongs elsewhere',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'unknown-folder',
      severity: 'error',
      comment: 'a new folder is a design decision: write it into the table',
      from: {},
      to: { path: '^src/', pathNot: within(Object.keys(FOLDERS)) },
    },
    ...Object.entries(FOLDERS)
      .filter(([, allowed]) => allowed !== '.*')
      .map(([folder, allowed]) => ({
        name: `${folder}-imports`,
        severity: 'error',
        comment: `${folder} may import ${['core', ...allowed].join(', ')}`,
        from: { path: `^src/${folder}/`, ...(folder === 'cli' ? { pathNot: '^src/cli/serve\\.ts$' } : {}) },
        to: { path: '^src/', pathNot: within([folder, 'core', ...allowed]) },
      })),
    {
      name: 'only-serve-imports-the-daemon',
      severity: 'error',
      comment: 'cli/serve is the one file that starts the daemon; it may import what cli may, and daemon',
      from: { path: '^src/cli/serve\\.ts$' },
      to: { path: '^src/', pathNot: within(['cli', 'core', 'daemon', ...FOLDERS.cli]) },
    },
    {
      name: 'daemon-is-no-client',
      severity: 'error',
      comment: 'the daemon is everything but cli and client',
      from: { path: '^src/daemon/' },
      to: { path: '^src/(?:cli|client)/' },
    },
    {
      name: 'signing-takes-the-ledger-as-a-port',
      severity: 'error',
      comment: 'signing sees the ledger as its port: how it is stored is none of its business',
      from: { path: '^src/signing/' },
      to: { path: '^src/ledger/', pathNot: '^src/ledger/(?:entries|ledger|state|entry-text)\\.ts$' },
    },
    {
      name: 'types-only',
      severity: 'error',
      comment: 'identity takes types from protocol, signing takes types from identity',
      from: { path: '^src/(identity|signing)/' },
      to: {
        path: '^src/(protocol|identity)/',
        pathNot: '^src/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    ...Object.entries(PACKAGES)
      .filter(([, folders]) => folders !== '.*')
      .map(([name, folders]) => ({
        name: `${name.replace('@', '').replaceAll(/[/.]/g, '-')}-only-where-it-belongs`,
        severity: 'error',
        comment: `${name} is imported in src/${folders} only`,
        from: { path: '^src/', pathNot: `^src/${folders}` },
        to: { path: `(?:^|/)node_modules/${quoted(name)}(?:/|$)` },
      })),
    {
      name: 'unlisted-package',
      severity: 'error',
      comment: 'a new dependency is a design decision: write down why in docs/architecture/README.md',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: `node_modules/(?:@types/)?(?:${Object.keys(PACKAGES).map(quoted).join('|')})(?:/|$)`,
      },
    },
    {
      name: 'pure-folders',
      severity: 'error',
      comment: 'solana and policy decide from their arguments alone: no files, no processes, no network',
      from: { path: '^src/(solana|policy)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(?:node:)?(?:crypto|buffer)$' },
    },
    {
      name: 'no-network',
      severity: 'error',
      comment:
        'the daemon opens no network socket; streams between processes belong to transport, client and hsm',
      from: { path: '^src/', pathNot: '^src/(transport|client|hsm)/' },
      to: { path: '^(?:node:)?(?:net|http|http2|https|tls|dgram|dns|inspector)(?:/|$)' },
    },
    {
      name: 'not-to-tests',
      severity: 'error',
      comment: 'what ships never needs tests, scripts or tools',
      from: { path: '^src/' },
      to: { pathNot: '^src/|node_modules', dependencyTypesNot: ['core'] },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      comment: 'an import that cannot be found is not checked either',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
