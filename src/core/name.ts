/** What a file may call its keys, assets, programs, tokens and authorities. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
