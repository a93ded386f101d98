import { wellKnown, type Pubkey } from '../../core/pubkey.js';
import { refusalOf, type Call, type Finding } from './call.js';

/**
 * Programs that are no business of a wallet, with a name for the refusal: votes, program management, configuration.
 * Like any without rules here, one gets through only where the policy declares it.
 */
const NEVER: ReadonlyMap<Pubkey, string> = new Map([
  [wellKnown('Vote111111111111111111111111111111111111111'), 'the vote program'],
  [wellKnown('BPFLoaderUpgradeab1e11111111111111111111111'), 'the upgradeable loader'],
  [wellKnown('BPFLoader2111111111111111111111111111111111'), 'the second loader'],
  [wellKnown('BPFLoader1111111111111111111111111111111111'), 'the first loader'],
  [wellKnown('LoaderV411111111111111111111111111111111111'), 'the fourth loader'],
  [wellKnown('Config1111111111111111111111111111111111111'), 'the config program'],
  [wellKnown('Feature111111111111111111111111111111111111'), 'the feature program'],
  [wellKnown('ZkE1Gama1Proof11111111111111111111111111111'), 'the ElGamal proof program'],
]);

/** A program the signer has no rules for: with the key among its accounts it could do anything in its name. */
export function readUnknown(call: Call): Finding {
  const known = NEVER.get(call.program);
  const refusal = call.touchesKey
    ? refusalOf(
        call,
        'OPAQUE_INSTRUCTION',
        `${known ?? 'an unknown program'} would act with the authority of the key`,
      )
    : refusalOf(call, 'PROGRAM_NOT_ALLOWED', `${known ?? 'a program that is not known here'} is not allowed`);
  return { name: null, refusals: [refusal] };
}
