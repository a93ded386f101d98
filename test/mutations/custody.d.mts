import type { HeldMutation } from './policy.mjs';

export declare const mutations: readonly HeldMutation[];
