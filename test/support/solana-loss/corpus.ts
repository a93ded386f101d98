import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../../src/core/sha256.js';
import { judged, type Prepared } from './check.js';
import { contextOf, worldOf } from './run.js';
import { createCast } from './world.js';

/**
 * Saved cases: a cast, the seed of its world, and the transactions themselves, so that a case stays what it was
 * when the generator changes. Undercounts found by fuzzing are kept for ever; the rest is a sample of each family.
 */
const FOLDER = 'test/vectors/solana-loss';

interface Saved {
  readonly cast: number;
  readonly seed: number;
  readonly steps: readonly string[];
  readonly note: string;
}

export function save(prepared: Prepared, cast: number, note: string): string {
  const saved: Saved = {
    cast,
    seed: prepared.seed,
    steps: prepared.steps.map((step) => Buffer.from(step.wire).toString('base64')),
    note,
  };
  const text = `${JSON.stringify(saved, null, 2)}\n`;
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${sha256Hex(Buffer.from(text)).slice(0, 16)}.json`);
  writeFileSync(path, text);
  return path;
}

/** Cases the signer would still sign, ready to run; a case it refuses by now has nothing left to lose. */
export function saved(): { readonly path: string; readonly prepared: Prepared | null }[] {
  let names: string[];
  try {
    names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.map((name) => {
    const path = join(FOLDER, name);
    const found = JSON.parse(readFileSync(path, 'utf8')) as Saved;
    const cast = createCast(found.cast);
    const world = worldOf(cast, found.seed);
    const steps = found.steps.flatMap((text) => {
      const wire = Buffer.from(text, 'base64');
      const assessment = judged(wire, contextOf(cast));
      return assessment === null ? [] : [{ wire, assessment }];
    });
    const prepared = { seed: found.seed, world, watch: [...world.accounts.keys()], steps };
    return { path, prepared: steps.length === 0 ? null : prepared };
  });
}
