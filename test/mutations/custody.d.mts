import type { Mutation } from './solana.mjs';

export declare const mutations: readonly (Mutation & {
  /** Files of which one must fail. */
  readonly tests: readonly string[];
})[];
