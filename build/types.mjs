/**
 * Bundles the public types into types/, where they are committed: a diff is a change of the API.
 */
import { readFileSync } from 'node:fs';
import dts from 'rollup-plugin-dts';
import { sharedChunk } from './chunks.mjs';

/**
 * The types of two modules of TensorFlow.js instead of its index, which includes declarations that
 * do not compile without skipLibCheck (`Long` in hash_util.d.ts). They are the same types.
 */
const paths = {
  '@tensorflow/tfjs-core': '@tensorflow/tfjs-core/dist/tensor.js',
  '@tensorflow/tfjs-core/dist/io/types': '@tensorflow/tfjs-core/dist/io/types.js',
};

/** For `import` and for `require`. */
const EXTENSIONS = { ts: 'js', cts: 'cjs' };

/**
 * Emits an entry that exports './api' by name and as a namespace, as it is in the source: bundled,
 * the namespace would export types as if they were values.
 */
const namespaceEntry = ({ name, source, api }, extension) => ({
  name: 'namespace-entry',
  generateBundle() {
    const target = `'./${api}.${EXTENSIONS[extension]}'`;
    this.emitFile({
      type: 'asset',
      fileName: `${name}.d.${extension}`,
      source: readFileSync(source, 'utf8').replaceAll("'./api'", target),
    });
  },
});

/**
 * A rollup configuration that writes types/<name>.d.ts and .d.cts. What several entries declare
 * goes to shared.d.ts, since two declarations of a class are two types. `namespaces`: see
 * namespaceEntry.
 */
export const typeBundle = ({ entries, namespaces, external }) => ({
  input: entries,
  external,
  plugins: [dts({ compilerOptions: { stripInternal: true } })],
  output: Object.keys(EXTENSIONS).map((extension) => ({
    dir: 'types',
    format: 'es',
    paths,
    entryFileNames: `[name].d.${extension}`,
    chunkFileNames: `[name].d.${extension}`,
    manualChunks: sharedChunk('shared', Object.values(entries)),
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    plugins: namespaces.map((namespace) => namespaceEntry(namespace, extension)),
  })),
});
