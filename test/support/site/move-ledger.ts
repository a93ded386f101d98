import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SmallDisk } from '../disk/small-disk.js';
import type { Site } from './site.js';

/** Puts the ledger of a stopped daemon on the disk that `mount` puts over its directory. */
export async function moveLedger(site: Site, mount: (directory: string) => SmallDisk): Promise<SmallDisk> {
  const aside = await mkdtemp(join(tmpdir(), 'chancery-aside-'));
  await cp(site.ledger, aside, { recursive: true });
  await rm(site.ledger, { recursive: true });
  const disk = mount(site.ledger);
  await cp(aside, site.ledger, { recursive: true });
  await rm(aside, { recursive: true });
  return disk;
}
