import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyAt, pubkeyBytes } from '../../../src/core/pubkey.js';
import { feeBound } from '../../../src/solana/fee.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  memo,
  systemTransfer,
  wire,
  type TestInstruction,
} from '../../support/solana-build.js';
import { Random } from '../../support/solana-loss/random.js';
import { Vm, type Scenario } from '../../support/solana-svm.js';

const ROUNDS = 600;
const START = 1n << 50n;

/** A check of so many signatures, all of them wrong: the chain charges for each and fails. */
function signatureCheck(random: Random, count: number): TestInstruction {
  const name = random.pick(['ed25519', 'secp256k1', 'secp256r1'] as const);
  const [header, record] = name === 'secp256k1' ? [1, 11] : [2, 14];
  const data = Buffer.alloc(header + record * count);
  data[0] = count;
  return { program: PROGRAM_IDS[name], accounts: [], data };
}

/** The default unit limit and the rounding of the price are where a bound goes wrong. */
describe('I6: the fee bound is never below what the chain takes', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  it(`over ${String(ROUNDS)} executed transactions`, async () => {
    const random = new Random(9);
    const payer = pubkeyAt(random.bytes(32));
    const to = pubkeyAt(random.bytes(32));
    const others = [pubkeyAt(random.bytes(32)), pubkeyAt(random.bytes(32))];
    const system = pubkeyBytes(PROGRAM_IDS.system);
    const empty = { owner: system, data: Buffer.alloc(0) };
    const bounds: { lamports: bigint; version: string; limited: boolean; checked: bigint }[] = [];
    const scenarios: Scenario[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const version = random.pick(['legacy', 0, 1] as const);
      const signers = [payer, ...others.slice(0, random.below(3))];
      const limited = random.chance(50);
      const instructions: TestInstruction[] = [systemTransfer(payer, payer, 0n)];
      for (let count = random.below(9); count > 0; count--)
        instructions.push(random.chance(50) ? memo('m') : systemTransfer(payer, payer, 0n));
      if (random.chance(80))
        instructions.splice(
          random.below(instructions.length),
          0,
          computeUnitPrice(BigInt(random.below(2 ** 31))),
        );
      // A low limit leaves the bound no slack in which a signature could hide.
      if (limited) instructions.push(computeUnitLimit(random.below(random.pick([3_000, 3_000_000]))));
      let checked = 0n;
      for (let checks = random.pick([0, 0, 1, 2]); checks > 0; checks--) {
        const count = random.below(6);
        checked += BigInt(count);
        instructions.splice(random.below(instructions.length + 1), 0, signatureCheck(random, count));
      }
      const config = {
        computeUnitLimit: 1_400_000,
        loadedDataLimit: 1 << 26,
        ...(random.chance(70) ? { priorityFee: BigInt(random.next()) } : {}),
      };
      const bytes = wire(
        version,
        compile(version, signers, instructions, version === 1 ? { config } : {}),
        signers.length,
      );
      const bound = feeBound(readTransaction(bytes).message, payer);
      expect(bound.payer).toBe(true);
      expect(bound.signatures).toBe(BigInt(signers.length) + checked);
      bounds.push({ lamports: bound.lamports, version: String(version), limited, checked });
      scenarios.push({
        accounts: [payer, to, ...others].map((address) => ({
          address: pubkeyBytes(address),
          lamports: START,
          ...empty,
        })),
        steps: [bytes],
        watch: [pubkeyBytes(payer)],
      });
    }
    const results = await vm.run(scenarios);
    const paid = new Map<string, number>();
    let forChecks = 0;
    results.forEach(([step], index) => {
      const bound = bounds[index];
      const account = step?.accounts[0];
      if (bound === undefined || account == null) throw new Error('no result');
      const fee = START - account.lamports;
      expect(fee <= bound.lamports, `paid ${String(fee)}, bound ${String(bound.lamports)}`).toBe(true);
      if (bound.checked > 0n && fee >= 5000n * (1n + bound.checked)) forChecks++;
      if (fee > 5000n * 3n) {
        const kind = `${bound.version}${bound.limited ? ' limited' : ' default'}`;
        paid.set(kind, (paid.get(kind) ?? 0) + 1);
      }
    });
    for (const kind of [
      'legacy limited',
      'legacy default',
      '0 limited',
      '0 default',
      '1 limited',
      '1 default',
    ]) {
      expect(paid.get(kind), kind).toBeGreaterThan(20);
    }
    expect(forChecks).toBeGreaterThan(200);
  });

  it('nor below what is drafted, with the largest limit where none is set', () => {
    const payer = pubkeyAt(new Random(9).bytes(32));
    const base = (
      version: 'legacy' | 1,
      instructions: readonly TestInstruction[],
      units?: number,
    ): bigint => {
      const config = {
        loadedDataLimit: 1 << 26,
        ...(units === undefined ? {} : { computeUnitLimit: units }),
      };
      const message = compile(version, [payer], instructions, version === 1 ? { config } : {});
      return feeBound(readTransaction(wire(version, message, 1)).message, payer).base;
    };
    // SIMD-0553: 2500 and half a lamport for each unit of cost.
    expect(base('legacy', [computeUnitLimit(100_000), memo('m')])).toBeGreaterThanOrEqual(52_500n);
    expect(base('legacy', [memo('m'), memo('m')])).toBeGreaterThanOrEqual(202_500n);
    expect(base(1, [memo('m')], 100_000)).toBeGreaterThanOrEqual(52_500n);
    expect(base(1, [memo('m')])).toBeGreaterThanOrEqual(702_500n);
  });
});
