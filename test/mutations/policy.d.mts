import type { Mutation } from './solana.mjs';

export interface HeldMutation extends Mutation {
  /** Files of which one must fail. */
  readonly tests: readonly string[];
}

export declare const mutations: readonly HeldMutation[];
