/** appBundle: bundles an app's code with the parts of the built library that it uses. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';

/**
 * Bundles `code`, which imports from 'library', and writes the files that a page with it downloads
 * first: not TensorFlow.js, and not what the library loads later. Returns their paths.
 */
export async function appBundle(name, code) {
  const entry = resolve(`${name}.js`);
  const bundle = await rollup({
    input: entry,
    external: /^@tensorflow\//,
    plugins: [
      {
        name: 'app',
        resolveId: (id) => (id === 'library' ? resolve('dist/index.js') : id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
      terser({ ecma: 2022, compress: { passes: 2 } }),
    ],
  });
  const { output } = await bundle.generate({ format: 'es' });
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set([output[0].fileName]);
  for (const file of first)
    for (const imported of chunks.get(file).imports) if (chunks.has(imported)) first.add(imported);

  const folder = join('node_modules/.cache/alexnet-ts', name);
  mkdirSync(folder, { recursive: true });
  return [...first].map((file) => {
    writeFileSync(join(folder, file), chunks.get(file).code);
    return join(folder, file);
  });
}
