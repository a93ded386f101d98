import { describe, expect, it } from 'vitest';
import type { Pubkey } from '../../../src/core/pubkey.js';
import { toAddress } from '../../../src/core/pubkey.js';
import { sha256 } from '../../../src/core/sha256.js';
import { assess } from '../../../src/solana/assess.js';
import type { KeyContext } from '../../../src/solana/assessment.js';
import type { InstructionDeclaration } from '../../../src/solana/declared/compile-declared.js';
import type { DeclaredProgram } from '../../../src/solana/declared/declared-program.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readMessage } from '../../../src/solana/read-message.js';
import { context, K, only, OTHER, STRANGER, summary } from '../../support/solana-assess.js';
import { encodeMessage, key, u64, type TestInstruction } from '../../support/solana-build.js';
import { ANCHOR_IDL, declare, DECLARED, PAY } from '../../support/solana-declared.js';

const [own, otherOwn] = [...context.ownTokenAccounts.keys()].slice(1);
if (own === undefined || otherOwn === undefined) throw new Error('no own accounts');

const using = (program: DeclaredProgram): KeyContext => ({
  ...context,
  declared: new Map([[program.program, program]]),
});
const NO = 'INSTRUCTION_NOT_ALLOWED';

function pay(accounts: readonly Pubkey[], amount = 5n, tail = Buffer.alloc(0)): TestInstruction {
  return {
    program: DECLARED,
    accounts,
    data: Buffer.concat([Buffer.from([12]), u64(amount), Buffer.from([6]), tail]),
  };
}

describe('a declared program', () => {
  const plain = using(declare([PAY]));
  const cases: readonly (readonly [string, TestInstruction, string])[] = [
    ['counts the declared argument', pay([own, OTHER, STRANGER, K]), '5 TOK to stranger'],
    ['demands the key in its role', pay([own, OTHER, STRANGER, OTHER]), NO],
    ['demands an own account as source', pay([OTHER, OTHER, STRANGER, K]), NO],
    ['lets no own account stand in another role', pay([own, OTHER, otherOwn, K]), NO],
    ['lets no account of the key stand twice', pay([own, own, STRANGER, K]), NO],
    ['lets the key stand in no other role', pay([own, OTHER, K, K]), NO],
    ['refuses remaining accounts', pay([own, OTHER, STRANGER, K, OTHER]), NO],
    ['refuses missing accounts', pay([own, OTHER, K]), NO],
    ['refuses trailing bytes', pay([own, OTHER, STRANGER, K], 5n, Buffer.from([0])), NO],
    ['refuses what is not declared', { ...pay([own, STRANGER, K]), data: Buffer.from([4]) }, NO],
    ['refuses an empty instruction', { ...pay([own, STRANGER, K]), data: Buffer.alloc(0) }, NO],
    ['leaves strangers alone', pay([OTHER, OTHER, STRANGER, OTHER]), 'nothing'],
  ];
  for (const [name, instruction, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      expect(summary(only(instruction, plain))).toBe(expected);
    });
  }

  it('lets the key stand nowhere when no role is its own', () => {
    const none = using(declare([{ ...PAY, key: [], own: [], destinations: [], spends: [] }]));
    for (let at = 0; at < 4; at++) {
      for (const mine of [K, own]) {
        expect(summary(only(pay([OTHER, OTHER, STRANGER, OTHER].with(at, mine)), none))).toBe(NO);
      }
    }
  });

  it('refuses an account that nobody pinned, which could be one of the key', () => {
    const { data } = pay([]);
    const message = encodeMessage({
      version: 0,
      accounts: [K, OTHER, DECLARED],
      signatures: 1,
      readonlyUnsigned: 1,
      lookups: [{ table: key(7003), writable: [0], readonly: [] }],
      instructions: [{ program: 2, accounts: [3, 1, 1, 1], data }],
    });
    const [report] = assess(readMessage(message), plain).instructions;
    expect(report && summary(report)).toBe('UNRESOLVED_LOOKUP');
  });

  it('is matched by program id, not by discriminator alone', () => {
    const elsewhere = { ...pay([own, OTHER, STRANGER, K]), program: key(7001) };
    expect(summary(only(elsewhere, plain))).toBe('OPAQUE_INSTRUCTION');
  });

  it('names the accounts the destination rule is about', () => {
    expect(only(pay([own, OTHER, STRANGER, K]), plain)).toMatchObject({
      programName: 'exchange',
      name: 'pay',
      destinations: [STRANGER],
      exposed: [own, K],
      details: [
        ['amount', '5'],
        ['decimals', '6'],
        ['source', toAddress(own)],
      ],
    });
  });

  it("admits remaining accounts up to the declared number, never the key's", () => {
    const some = using(declare([{ ...PAY, remaining: 1 }]));
    expect(summary(only(pay([own, OTHER, STRANGER, K, OTHER]), some))).toBe('5 TOK to stranger');
    expect(summary(only(pay([own, OTHER, STRANGER, K, otherOwn]), some))).toBe(NO);
    expect(summary(only(pay([own, OTHER, STRANGER, K, K]), some))).toBe(NO);
    expect(summary(only(pay([own, OTHER, STRANGER, K, OTHER, OTHER]), some))).toBe(NO);
  });

  it('holds arguments to their bounds', () => {
    const bounded = (bound: Omit<InstructionDeclaration['bounds'][number], 'argument'>): KeyContext =>
      using(declare([{ ...PAY, bounds: [{ argument: 'amount', ...bound }] }]));
    const ask = (amount: bigint, use: KeyContext): string =>
      summary(only(pay([own, OTHER, STRANGER, K], amount), use));
    expect(ask(5n, bounded({ least: 6n }))).toBe(NO);
    expect(ask(6n, bounded({ least: 6n }))).toBe('6 TOK to stranger');
    expect(ask(6n, bounded({ most: 5n }))).toBe(NO);
    const ratio = { ratio: { of: 'decimals', numerator: 3n, denominator: 2n } };
    expect(ask(8n, bounded(ratio))).toBe(NO);
    expect(ask(9n, bounded(ratio))).toBe('9 TOK to stranger');
  });

  it('counts constants, and spends that depend on a flag; a flag that counts nothing is refused', () => {
    const when = (equals: bigint): KeyContext =>
      using(
        declare([
          {
            ...PAY,
            spends: [{ source: 'from', amount: { constant: 70n }, when: { argument: 'decimals', equals } }],
          },
        ]),
      );
    expect(summary(only(pay([own, OTHER, STRANGER, K]), when(6n)))).toBe('70 TOK to stranger');
    expect(summary(only(pay([own, OTHER, STRANGER, K]), when(7n)))).toBe(NO);
    const rent = using(
      declare([{ ...PAY, spends: [...PAY.spends, { source: 'owner', amount: { constant: 9n } }] }]),
    );
    expect(summary(only(pay([own, OTHER, STRANGER, K]), rent))).toBe('5 TOK to stranger, 9 SOL to stranger');
  });

  it('refuses a flag of a value that no spend names, whatever else is counted', () => {
    const when = (equals: bigint): { argument: string; equals: bigint } => ({ argument: 'decimals', equals });
    const rent = { source: 'owner', amount: { constant: 9n } };
    const [transfer] = PAY.spends;
    if (transfer === undefined) throw new Error('nothing is spent');
    const ask = (...spends: InstructionDeclaration['spends']): string =>
      summary(only(pay([own, OTHER, STRANGER, K]), using(declare([{ ...PAY, spends }]))));
    // Rent is counted either way, but the direction is the one that nobody declared.
    expect(ask(rent, { ...transfer, when: when(7n) })).toBe(NO);
    expect(ask({ ...transfer, when: when(7n) }, rent)).toBe(NO);
    // One flag that is declared says nothing of another.
    const large = { ...transfer, when: { argument: 'amount', equals: 5n } };
    expect(ask(large, { ...rent, when: when(7n) })).toBe(NO);
    // That it takes nothing is declared by counting nothing.
    const free = { source: 'owner', amount: { constant: 0n }, when: when(6n) };
    expect(ask(transfer, { ...rent, when: when(7n) }, free)).toBe('5 TOK to stranger, 0 SOL to stranger');
  });
});

describe('compiling a declaration', () => {
  const refused = (run: () => unknown, message: RegExp): void => {
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  };
  it('refuses what it cannot answer for', () => {
    refused(
      () => declare([PAY], ANCHOR_IDL, DECLARED, { idl: { format: 'anchor', sha256: '00' } }),
      /SHA-256/,
    );
    refused(() => declare([PAY], ANCHOR_IDL, key(7002)), /the IDL is for/);
    refused(() => declare([PAY], ANCHOR_IDL, PROGRAM_IDS.token), /rules of its own/);
    refused(() => declare([{ ...PAY, name: 'swap' }]), /no such instruction/);
    refused(() => declare([{ ...PAY, key: ['nobody'] }]), /no account nobody/);
    refused(() => declare([{ ...PAY, own: ['owner', 'from'] }]), /owner has two roles/);
    refused(
      () => declare([{ ...PAY, spends: [{ source: 'to', amount: { constant: 1n } }] }]),
      /not the key's to spend/,
    );
    refused(
      () => declare([{ ...PAY, spends: [{ source: 'from', amount: { argument: 'price' } }] }]),
      /no argument price/,
    );
    refused(() => declare([{ ...PAY, destinations: ['to', 'mint'] }]), /several destinations/);
    refused(() => declare([PAY, PAY]), /cannot be told from/);
    // The program may take what begins like `pay` for an instruction that nobody declared.
    const [pays, drain] = ANCHOR_IDL.instructions;
    for (const [long, short] of [
      [[12, 1], [12]],
      [[12], [12, 1]],
    ]) {
      const like = {
        ...ANCHOR_IDL,
        instructions: [
          { ...pays, discriminator: long },
          { ...drain, discriminator: short },
        ],
      };
      refused(() => declare([PAY], like), /pay cannot be told from drain/);
    }
    refused(() => declare([PAY], { instructions: 'none' }), /not an Anchor IDL/);
    for (const type of ['u7', 'constructor', '__proto__']) {
      const args = [
        { name: 'amount', type: 'u64' },
        { name: 'decimals', type },
      ];
      const unknown = { ...ANCHOR_IDL, instructions: [{ ...pays, args }, drain] };
      refused(() => declare([PAY], unknown), new RegExp(`the type ${type} is not known`));
    }
    refused(
      () => declare([PAY], ANCHOR_IDL, DECLARED, { idl: { format: 'codama', sha256: digest(ANCHOR_IDL) } }),
      /not a Codama IDL/,
    );
  });

  it('lays out every type of an Anchor IDL, and finds the end of the data', () => {
    const idl = {
      instructions: [
        {
          name: 'swapExactIn',
          accounts: [
            { name: 'user', isMut: true, isSigner: true },
            { name: 'pool', accounts: [{ name: 'vault' }] },
          ],
          args: [
            { name: 'route', type: { vec: { defined: 'Step' } } },
            { name: 'limit', type: { option: 'u128' } },
            { name: 'side', type: { defined: { name: 'Side' } } },
            { name: 'seed', type: { array: ['u8', 3] } },
            { name: 'amountIn', type: 'u64' },
            { name: 'label', type: 'string' },
          ],
        },
      ],
      types: [
        {
          name: 'Step',
          type: {
            kind: 'struct',
            fields: [
              { name: 'percent', type: 'u8' },
              { name: 'pool', type: 'publicKey' },
            ],
          },
        },
        {
          name: 'Side',
          type: { kind: 'enum', variants: [{ name: 'Bid' }, { name: 'Ask', fields: ['i32'] }] },
        },
      ],
    };
    const use = using(
      declare(
        [
          {
            name: 'swapExactIn',
            key: ['user'],
            own: [],
            destinations: [],
            fixed: new Map([['pool.vault', OTHER]]),
            spends: [{ source: 'user', amount: { argument: 'amountIn' } }],
            bounds: [],
            remaining: 0,
          },
        ],
        idl,
      ),
    );
    const head = sha256(Buffer.from('global:swap_exact_in')).subarray(0, 8);
    const body = Buffer.concat([
      Buffer.from([1, 0, 0, 0, 100]),
      Buffer.alloc(32),
      Buffer.from([1]),
      Buffer.alloc(16),
      Buffer.from([1, 1, 2, 3, 4]),
      Buffer.from([1, 2, 3]),
      u64(77n),
      Buffer.from([2, 0, 0, 0, 104, 105]),
    ]);
    const ask = (data: Uint8Array, vault = OTHER): string =>
      summary(only({ program: DECLARED, accounts: [K, vault], data: Buffer.concat([head, data]) }, use));
    expect(ask(body)).toBe('77 SOL to nobody');
    expect(ask(body, STRANGER)).toBe(NO);
    expect(ask(body.subarray(0, body.length - 1))).toBe(NO);
    expect(ask(Buffer.concat([body, Buffer.from([0])]))).toBe(NO);
    const badOption = Buffer.from(body);
    badOption[37] = 2;
    expect(ask(badOption)).toBe(NO);
    const huge = Buffer.from(body);
    huge.writeUInt32LE(0xffff_ffff, 0);
    expect(ask(huge)).toBe(NO);
  });

  it('names the fields of struct arguments, so that what is spent may be one of them', () => {
    const struct = (name: string, fields: object[]): object => ({ name, type: { kind: 'struct', fields } });
    const idl = (args: object[]): object => ({
      instructions: [{ name: 'pay', discriminator: [9], accounts: [{ name: 'owner' }], args }],
      types: [
        struct('Params', [
          { name: 'side', type: 'bool' },
          { name: 'sum', type: { defined: { name: 'Sum' } } },
        ]),
        struct('Sum', [
          { name: 'least', type: 'u64' },
          { name: 'amount', type: 'u64' },
        ]),
      ],
    });
    const params = { name: 'params', type: { defined: { name: 'Params' } } };
    const declaration: InstructionDeclaration = {
      ...PAY,
      key: ['owner'],
      own: [],
      destinations: [],
      spends: [{ source: 'owner', amount: { argument: 'params.sum.amount' } }],
      bounds: [{ argument: 'params.sum.least', least: 1n }],
    };
    const use = using(declare([declaration], idl([params])));
    const ask = (least: bigint): string =>
      summary(
        only(
          { program: DECLARED, accounts: [K], data: Buffer.concat([Buffer.of(9, 1), u64(least), u64(8n)]) },
          use,
        ),
      );
    expect(ask(1n)).toBe('8 SOL to nobody');
    expect(ask(0n)).toBe(NO);
    expect(() => declare([declaration], idl([params, params]))).toThrow(
      /two arguments of the IDL have one name/,
    );
  });

  it('counts an optional amount, and refuses when it is absent', () => {
    const idl = {
      instructions: [
        {
          name: 'pay',
          discriminator: [9],
          accounts: [{ name: 'owner' }],
          args: [{ name: 'amount', type: { option: 'u64' } }],
        },
      ],
    };
    const spends = [{ source: 'owner', amount: { argument: 'amount' } }];
    const use = using(declare([{ ...PAY, key: ['owner'], own: [], destinations: [], spends }], idl));
    const ask = (...data: readonly Uint8Array[]): string =>
      summary(only({ program: DECLARED, accounts: [K], data: Buffer.concat([Buffer.of(9), ...data]) }, use));
    expect(ask(Buffer.of(1), u64(8n))).toBe('8 SOL to nobody');
    expect(ask(Buffer.of(0))).toBe(NO);
    expect(ask(Buffer.of(2), u64(8n))).toBe(NO);
  });

  it('refuses what would read one place of a Codama IDL as another', () => {
    const u8 = { kind: 'numberTypeNode', format: 'u8', endian: 'le' };
    const idl = (instruction: object, type: object): object => ({
      kind: 'rootNode',
      program: {
        publicKey: toAddress(DECLARED),
        instructions: [
          {
            name: 'pay',
            accounts: ['from', 'mint', 'to', 'owner'].map((name) => ({ name, isOptional: name === 'mint' })),
            arguments: [
              {
                name: 'discriminator',
                type: u8,
                defaultValue: { kind: 'numberValueNode', number: 12 },
                defaultValueStrategy: 'omitted',
              },
              { name: 'amount', type: u8 },
              { name: 'side', type },
            ],
            ...instruction,
          },
        ],
      },
    });
    const side = (...tags: readonly (number | undefined)[]): object => ({
      kind: 'enumTypeNode',
      variants: tags.map((discriminator) => ({
        kind: 'enumEmptyVariantTypeNode',
        ...(discriminator === undefined ? {} : { discriminator }),
      })),
    });
    const run = (instruction: object, type: object) => () => {
      const text = idl(instruction, type);
      return declare([PAY], text, DECLARED, { idl: { format: 'codama', sha256: digest(text) } });
    };
    for (const format of ['u7', 'constructor'])
      refused(run({}, { kind: 'numberTypeNode', format, endian: 'le' }), /a number of unknown format/);
    expect(run({}, side(undefined, 1))).not.toThrow();
    expect(run({ optionalAccountStrategy: 'programId' }, u8)).not.toThrow();
    refused(run({ optionalAccountStrategy: 'omitted' }, u8), /may be left out/);
    refused(run({}, side(5, undefined)), /tags of their own/);
  });

  it('reads a Codama IDL', () => {
    const number = (format: string): object => ({ kind: 'numberTypeNode', format, endian: 'le' });
    const idl = {
      kind: 'rootNode',
      program: {
        publicKey: toAddress(DECLARED),
        instructions: [
          {
            name: 'pay',
            accounts: [{ name: 'from' }, { name: 'mint' }, { name: 'to' }, { name: 'owner' }],
            arguments: [
              {
                name: 'discriminator',
                type: number('u8'),
                defaultValue: { kind: 'numberValueNode', number: 12 },
                defaultValueStrategy: 'omitted',
              },
              { name: 'amount', type: { kind: 'amountTypeNode', number: number('u64') } },
              { name: 'mark', type: { kind: 'definedTypeLinkNode', name: 'mark' } },
            ],
          },
        ],
        definedTypes: [
          {
            name: 'mark',
            type: {
              kind: 'structTypeNode',
              fields: [{ kind: 'structFieldTypeNode', name: 'decimals', type: number('u8') }],
            },
          },
        ],
      },
    };
    const bounded = { ...PAY, bounds: [{ argument: 'mark.decimals', most: 6n }] };
    const program = declare([bounded], idl, DECLARED, { idl: { format: 'codama', sha256: digest(idl) } });
    expect(summary(only(pay([own, OTHER, STRANGER, K]), using(program)))).toBe('5 TOK to stranger');
  });
});

function digest(idl: unknown): string {
  return sha256(Buffer.from(JSON.stringify(idl))).toString('hex');
}
