import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The HSM host as JavaScript, which Node can start as a process of its own: src/hsm and what it imports, without
 * the rest of the build. Compiled once per state of the sources, in a directory from which node_modules resolves.
 */
export function compiledHost(): string {
  const files = ['src/core', 'src/hsm', 'src/hsm/pkcs11'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  const sources = files.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const digest = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const cache = join(ROOT, 'node_modules/.cache/chancery-hsm-host');
  const directory = join(cache, digest);
  if (!existsSync(directory)) {
    const unfinished = join(cache, `${digest}.${randomBytes(4).toString('hex')}`);
    for (const { path, text } of sources) {
      const target = join(unfinished, relative(join(ROOT, 'src'), path)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(target), { recursive: true });
      const compilerOptions = {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      };
      writeFileSync(target, ts.transpileModule(text, { compilerOptions }).outputText);
    }
    writeFileSync(join(unfinished, 'package.json'), '{"type":"module"}\n');
    try {
      renameSync(unfinished, directory);
    } catch {
      // Another worker was first with the same sources.
      rmSync(unfinished, { recursive: true });
    }
  }
  return join(directory, 'hsm/pkcs11/host-main.js');
}
