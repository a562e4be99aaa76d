/** What the build may weigh. Chunks that only other calls fetch (fineTune(), save(), …) do not count for load() and classify(). */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A module of the build with all that it imports before anything is called. */
function withImports(file, found = new Set()) {
  if (found.has(file) || !existsSync(file)) return found;
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*["'](\.[^"']+)["']/g);
  for (const [, path] of imports) withImports(join(dirname(file), path), found);
  return found;
}

export default [
  {
    name: 'load() + classify(), ES modules',
    path: [...withImports('dist/index.js')],
    limit: '35 kB',
    gzip: true,
  },
  {
    name: 'the page of alexnet-ts/worker',
    path: [...withImports('dist/worker.js')],
    limit: '12 kB',
    gzip: true,
  },
  { name: 'everything, one script', path: 'dist/alexnet.umd.js', limit: '82 kB', gzip: true },
];
