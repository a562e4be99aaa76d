/**
 * Limits of the build's sizes. What only other calls load (fineTune(), save(), …) does not count.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appBundle } from './build/appBundle.mjs';

/** A module of the build and all that it imports statically. */
function withImports(file, found = new Set()) {
  if (found.has(file) || !existsSync(file)) return found;
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*["'](\.[^"']+)["']/g);
  for (const [, path] of imports) withImports(join(dirname(file), path), found);
  return found;
}

export default [
  {
    name: 'load() + classify(), in an app',
    path: await appBundle(
      'classify',
      `import { alexnet } from 'library';
       const model = await alexnet.load();
       console.log(await model.classify(document.querySelector('img')));`,
    ),
    limit: '33 kB',
    gzip: true,
  },
  {
    name: 'the page of alexnet-ts/worker',
    path: [...withImports('dist/worker.js')],
    limit: '12.5 kB',
    gzip: true,
  },
  { name: 'everything, one script', path: 'dist/alexnet.umd.js', limit: '96 kB', gzip: true },
];
