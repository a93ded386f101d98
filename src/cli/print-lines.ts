import { once } from 'node:events';

const CHUNK = 1 << 16;

/**
 * Prints lines as fast as the reader takes them, and holds no more than one chunk of them. What came before an error
 * of the source is printed before it is thrown.
 */
export async function printLines(
  lines: AsyncIterable<string>,
  output: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  let chunk = '';
  const flush = async (): Promise<void> => {
    const text = chunk;
    chunk = '';
    if (text !== '' && !output.write(text)) await once(output, 'drain');
  };
  try {
    for await (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length >= CHUNK) await flush();
    }
  } finally {
    await flush();
  }
}
