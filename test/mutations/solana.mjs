// Each removes or weakens one rule of src/solana. With any of them in place the loss test must fail, or those tests
// it names where a loss shows too rarely or not at all: a mutation that survives is a rule nobody tests. Run them with
// `npm run mutations`. Not here are rules that another one, or the chain itself, makes good for: see the end.

import { counting } from './solana/counting.mjs';
import { reading } from './solana/reading.mjs';
import { refusing } from './solana/refusing.mjs';

export const mutations = [...counting, ...refusing, ...reading];

// Rules that are not here, since without them nothing more would be accepted or lost:
// - that a seed has at most 32 bytes (the chain refuses a longer one, and a false length does not fit the data);
// - that a transfer or CreateIdempotent has its accounts (a missing role is refused again where it is asked for);
// - that Batches do not nest and do not lack accounts (the inner one is no token instruction; the count differs);
// - that a receiver under Token is of the same program and mint (the chain refuses to move between two);
// - that an allowed stake instruction is one that can be allowed (the policy can name no other);
// - signature counts, unknown versions and half a priority fee (every decoder refuses them too).
// Those of a declared program that its own code would not let pass in the test are asked in `test/unit/solana`.
