import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** The old bytes or the new ones, whenever the power goes. Durable when it resolves. */
export async function replaceFile(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const aside = join(directory, `${name}.part`);
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(directory, name));
  await syncDirectory(directory);
}

export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
