import fc from 'fast-check';
import { getCompiledTransactionMessageDecoder } from '@solana/kit';
import { VersionedMessage } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import * as web3next from 'web3js-1.99';
import { originOf } from '../../../src/core/origin.js';
import { proofMessage } from '../../../src/hsm/host-protocol.js';
import { formatCheckpoint } from '../../../src/ledger/note/checkpoint.js';
import { possessionMessage } from '../../../src/protocol/possession.js';
import { readMessage } from '../../../src/solana/read-message.js';
import { compile, key, systemTransfer } from '../../support/solana-build.js';
import { thrown } from '../../support/thrown.js';

const kit = getCompiledTransactionMessageDecoder();

/** Laxer than ours, and than the chain: what none of them reads lands nowhere. */
const READERS: readonly (readonly [string, (bytes: Uint8Array) => unknown])[] = [
  ['@solana/web3.js 1.98', (bytes) => VersionedMessage.deserialize(bytes)],
  ['@solana/web3.js 1.99', (bytes) => web3next.VersionedMessage.deserialize(bytes)],
  ['@solana/kit', (bytes) => kit.decode(bytes)],
];

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const origin = fc
  .tuple(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/), bytes32)
  .map(([name, publicKey]) => originOf(name, publicKey));

/** Everything but transactions that a key of a token, or of an agent, is asked to sign. */
const OTHERS: readonly (readonly [string, fc.Arbitrary<Uint8Array>])[] = [
  ['the proof that a key is the pinned one, at each start of its host', bytes32.map(proofMessage)],
  [
    'a proof of possession, whose nonce the daemon chooses',
    fc.tuple(origin, bytes32).map(([name, nonce]) => possessionMessage(name, nonce)),
  ],
  [
    'a checkpoint of the ledger',
    fc
      .record({ origin, size: fc.nat(), root: bytes32 })
      .map((checkpoint) => Buffer.from(formatCheckpoint(checkpoint))),
  ],
];

describe('I7: what is signed for another purpose is no transaction', () => {
  it('to readers that do read one', () => {
    const message = compile(0, [key(1)], [systemTransfer(key(1), key(2), 1n)]);
    expect(readMessage(message).version).toBe(0);
    for (const [, read] of READERS) expect(() => read(message)).not.toThrow();
  });

  it.each(OTHERS)('%s', (_what, messages) => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(thrown(() => readMessage(message)).code).toBe('MALFORMED_TRANSACTION');
        for (const [name, read] of READERS) expect(() => read(message), name).toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('nor is one of them another: each begins with words of its own', () => {
    const starts = OTHERS.map(([, messages]) =>
      fc.sample(messages, { numRuns: 50, seed: 7 }).map((message) => Buffer.from(message).toString('latin1')),
    );
    expect(starts[0]!.every((text) => text.startsWith('\xffchancery key pair proof v1\0'))).toBe(true);
    expect(starts[1]!.every((text) => text.startsWith('chancery/possession/v1chancery.local/'))).toBe(true);
    expect(starts[2]!.every((text) => text.startsWith('chancery.local/'))).toBe(true);
  });
});
