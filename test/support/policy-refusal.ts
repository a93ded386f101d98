import type { Failure } from '../../src/core/errors.js';
import type { Pubkey } from '../../src/core/pubkey.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import type { AttestationView } from '../../src/policy/policy-state.js';
import type { Question } from '../../src/policy/verdict.js';
import { compile, systemTransfer, type TestInstruction } from './solana-build.js';
import { IDL_BYTES } from './solana-declared.js';
import { questionOf } from './policy-question.js';
import type { ListState } from './policy-state.js';
import { attestation } from './policy-state.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText, type Yaml } from './policy-text.js';
import { SubjectState } from './policy-subjects.js';

/** One rule, a request it refuses, and the code of the refusal. */
export interface RefusalExample {
  readonly title: string;
  readonly rules: { readonly [key: string]: Yaml };
  /** What stands beside `keys`. */
  readonly site?: { readonly [key: string]: Yaml };
  readonly asked: string;
  readonly code: Failure['code'];
  readonly ask: () => { readonly question: Question; readonly state: ListState };
}

const K = pubkeyOf('trading-1');

interface Parts extends Omit<RefusalExample, 'ask'> {
  readonly instructions?: readonly TestInstruction[];
  readonly attestation?: Partial<AttestationView>;
  readonly past?: (state: SubjectState) => void;
  readonly signers?: readonly Pubkey[];
  /** In place of `instructions`. */
  readonly message?: Uint8Array;
}

/** What is not said is the wallet of the reference, a transfer of 0.1 SOL to bob, and no past. */
export function example({
  instructions,
  attestation: opens,
  past,
  signers,
  message,
  ...shown
}: Parts): RefusalExample {
  const ask = () => {
    const state = new SubjectState(attestation(opens));
    past?.(state);
    const bytes = policyBytes({ ...shown.site, keys: [walletText(shown.rules), ledgerKeyText()] });
    const policy = parsePolicy(bytes, { blob: () => IDL_BYTES });
    const key = policy.keys.get('trading-1')!;
    const asked =
      message ??
      compile('legacy', signers ?? [K], instructions ?? [systemTransfer(K, pubkeyOf('bob'), 100_000_000n)]);
    return { question: questionOf({ policy, key }, asked), state };
  };
  return { ...shown, ask };
}
