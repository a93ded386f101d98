export interface Change {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutation extends Change {
  readonly name: string;
  readonly also?: readonly Change[];
}

export declare const mutations: readonly Mutation[];
