import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { encodeMessage, wire, type TestMessage } from '../solana-build.js';
import type { Vm } from '../solana-svm.js';
import { compare, judged, toScenario, type Prepared } from './check.js';
import { contextOf } from './run.js';
import type { Violation } from './violation.js';

/** The smallest violation reachable by leaving out steps, then instructions. */
export async function minimise(vm: Vm, violation: Violation): Promise<Violation> {
  let best = violation;
  for (let again = true; again;) {
    again = false;
    for (const candidate of smaller(best.prepared)) {
      const [results] = await vm.run([toScenario(candidate)]);
      const undercount = results === undefined ? null : compare(candidate, results);
      // Another rule would be another finding, and the first one lost.
      if (undercount?.rule !== best.undercount.rule) continue;
      best = { undercount, prepared: candidate };
      again = true;
      break;
    }
  }
  return best;
}

function* smaller(prepared: Prepared): Generator<Prepared> {
  const { steps } = prepared;
  if (steps.length > 1) {
    for (const [index] of steps.entries())
      yield { ...prepared, steps: steps.filter((_, at) => at !== index) };
  }
  for (const [index, step] of steps.entries()) {
    for (const wireBytes of withoutOneInstruction(step.wire)) {
      const assessment = judged(wireBytes, contextOf(prepared.world.cast));
      if (assessment === null) continue;
      yield {
        ...prepared,
        steps: steps.map((each, at) => (at === index ? { wire: wireBytes, assessment } : each)),
      };
    }
  }
}

function* withoutOneInstruction(bytes: Uint8Array): Generator<Buffer> {
  const { message } = readTransaction(bytes);
  if (message.instructions.length < 2) return;
  for (const [index, left] of message.instructions.entries()) {
    // The fee that is compared is that of a message with a unit limit.
    if (left.program === PROGRAM_IDS['compute-budget'] && left.data[0] === 2) continue;
    const rebuilt: TestMessage = {
      ...message,
      instructions: message.instructions
        .filter((_, at) => at !== index)
        .map(({ program, accounts, data }) => ({
          program: message.accounts.indexOf(program),
          accounts,
          data,
        })),
    };
    yield wire(message.version, encodeMessage(rebuilt), message.signatures);
  }
}
