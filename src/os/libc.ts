import koffi from 'koffi';

/**
 * The C library this process already runs with (glibc or musl). Calls are declared where they are used, with
 * their C signature; buffers are passed by address and live for the call only.
 */
export const libc = koffi.load(null);

/** The name of `errno` after the last failed call, e.g. `ENOPROTOOPT`; read it before anything else runs. */
export function lastError(): string {
  const number = koffi.errno();
  for (const [name, value] of Object.entries(koffi.os.errno)) if (value === number) return name;
  return `errno ${String(number)}`;
}

/** A failed call as Node would throw it: with the name of `errno` as its `code`. */
export function callError(call: string): Error {
  const code = lastError();
  return Object.assign(new Error(`${call}: ${code}`), { code });
}
