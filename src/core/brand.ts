declare const brand: unique symbol;

/** A nominal type: made by one parser at the edge, never re-checked inside. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
