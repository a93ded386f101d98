import { ChanceryError, errorOf } from '../core/errors.js';

/** Errors about the content of a file name the file: a command may read several. */
export async function inFile<Result>(path: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.message.includes(path)) throw error;
    throw errorOf(path, error);
  }
}
