/** Every bundle of the package in one table. `x.node.ts` and `x.umd.ts` stand in for `x.ts` where a bundle says so. */
import { existsSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, resolve } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import dts from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { galleryBundles } from './examples/gallery/build.mjs';
import { writeAssembly } from './build/assembly.mjs';
import { licences } from './build/licenses.mjs';

/** The WASM kernels first: every bundle that trains holds them, in a chunk of their own. */
await writeAssembly();

const DEFAULT_SET = 'alexnet-ts/weights/tiny-imagenet-200';
/** The script of TensorFlow.js' threaded WASM is bundled: its package has none that is a module, nor a worker that is a file. */
const bundled = (id) => /^@tensorflow\/tfjs-backend-wasm\/(wasm-out\/|package\.json$)/.test(id);
const packages = (id) =>
  !bundled(id) &&
  (/^(@tensorflow\/|node:|sharp$|commander$|cli-progress$|piscina$)/.test(id) ||
    id === DEFAULT_SET ||
    id === 'alexnet-ts');
/** From dist/, so that it is found without a package manager too. Chunks lie beside the entries, since any of them may hold such a path. */
const paths = { [DEFAULT_SET]: '../weights/tiny-imagenet-200/index.js' };

/** Resolves './x' to './x.<variant>.ts' where that file exists, unless the variant itself asks for the plain one. */
export const variant = (name) => ({
  name: `variant-${name}`,
  resolveId(source, importer) {
    if (!importer || !source.startsWith('.')) return null;
    const file = resolve(dirname(importer), `${source}.${name}.ts`);
    return existsSync(file) && file !== importer ? file : null;
  },
});

/** Makes the threaded WASM's script, as emscripten wrote it, a module without its parts for Node. */
const threadedScript = {
  name: 'threaded-script',
  transform(code, id) {
    if (!id.endsWith('tfjs-backend-wasm-threaded-simd.js')) return null;
    const parts = [
      [
        /if \(typeof exports === 'object' && typeof module[^]*$/,
        'export default WasmBackendModuleThreadedSimd;',
      ],
      [/if \(typeof __filename !== 'undefined'\)[^;]*;/, ''], // webpack would take this branch
      [/var ENVIRONMENT_IS_NODE=[^;]*;/, ''],
      [/\bENVIRONMENT_IS_NODE\b/g, 'false'],
    ];
    const script = parts.reduce((text, [part, instead]) => {
      if (text.search(part) < 0) throw new Error(`${id}: has no ${part} any more`);
      return text.replace(part, instead);
    }, code);
    return { code: script, map: { mappings: '' } };
  },
};

const held = licences('dist/THIRD-PARTY-LICENSES.txt');

const plugins = (...more) => [
  ...more,
  threadedScript,
  nodeResolve({ extensions: ['.ts', '.js'] }),
  json(),
  esbuild({ target: 'es2022' }),
  held(),
];

/** The dependencies that are bundled: a file that holds one says whose it is. */
const BUNDLED = {
  '@noble/hashes': '@noble/hashes (MIT, Paul Miller: for pages without crypto.subtle)',
  fflate: 'fflate (MIT, Arjun Barrett: for zips)',
  unzipit: 'unzipit (MIT, Gregg Tavares: for the zips that PyTorch writes)',
  comlink: 'comlink (Apache-2.0, Google: to speak with the worker)',
  '@tensorflow': 'TensorFlow.js (Apache-2.0, Google)',
  seedrandom: 'seedrandom (MIT, David Bau)',
  long: 'long.js (Apache-2.0, Daniel Wirtz)',
};
const banner = ({ moduleIds }) => {
  const from = moduleIds
    .map((id) => id.replaceAll('\\', '/'))
    .filter((id) => id.includes('/node_modules/'));
  const held = Object.entries(BUNDLED).filter(([part]) =>
    from.some((id) => id.includes(`/${part}/`)),
  );
  return `/* alexnet-ts, MIT.${held.map(([, what]) => ` Holds ${what}.`).join('')} */`;
};

/** What a browser downloads is made small; Node's files stay readable. */
const minified = terser({ format: { comments: /alexnet-ts/ } });

/** What `exports` in package.json names, by target. */
const entries = {
  index: 'src/index.ts',
  layers: 'src/layers/index.ts',
  training: 'src/training/index.ts',
  convert: 'src/weights/convert/index.ts',
};

/** The page's side of alexnet-ts/worker: small, without TensorFlow.js. */
const workerPage = 'src/worker/index.ts';

/** What a module imports before anything is called. */
function loadedAtOnce(getModuleInfo, id, found = new Set()) {
  if (found.has(id)) return found;
  found.add(id);
  for (const each of getModuleInfo(id)?.importedIds ?? []) loadedAtOnce(getModuleInfo, each, found);
  return found;
}

const browser = {
  // The classes of errors are a file of their own, so that the worker's page has the same ones without the rest; so is what a page can
  // say of a training in the worker, without TensorFlow.js.
  input: { ...entries, errors: 'src/errors.ts', split: 'src/training/dataset/split.ts' },
  external: packages,
  plugins: plugins(),
  output: {
    dir: 'dist',
    format: 'es',
    paths,
    banner,
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name].js',
    plugins: [minified],
  },
};

/** What load() and classify() need and no other entry does, in one chunk: each costs bytes, and exports import some of these modules too. */
const library = {
  ...browser,
  output: {
    ...browser.output,
    manualChunks(id, { getModuleInfo }) {
      const loaded = (entry) => loadedAtOnce(getModuleInfo, resolve(entry));
      const { index, ...others } = entries;
      const own =
        id !== resolve(index) &&
        loaded(index).has(id) &&
        !Object.values(others).some((entry) => loaded(entry).has(id));
      return own ? 'index' : undefined;
    },
    onlyExplicitManualChunks: true,
  },
};

const page = {
  ...browser,
  input: { worker: workerPage },
  external: (id) => packages(id) || id === resolve('src/errors.ts'),
  output: {
    ...browser.output,
    paths: { ...paths, [resolve('src/errors.ts')]: './errors.js' },
    chunkFileNames: 'worker-[name].js',
  },
};

/** The worker's own program, with TensorFlow.js in it: workers know no packages and no import map, and not every bundler sees what they need. */
const workerThread = {
  input: { workerThread: 'src/worker/workerThread.ts' },
  external: [DEFAULT_SET],
  plugins: [
    threadedScript,
    nodeResolve({ browser: true, extensions: ['.ts', '.js'] }),
    commonjs({ ignore: builtinModules }), // tfjs-backend-wasm requires them, behind a check for Node
    json(),
    esbuild({ target: 'es2022' }),
    held(),
  ],
  onwarn: (warning, warn) =>
    ['EVAL', 'CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED'].includes(warning.code) || warn(warning), // TensorFlow.js' own
  output: {
    ...browser.output,
    sourcemap: false, // TensorFlow.js' would be 10 MB
    chunkFileNames: 'thread-[name].js',
    // The entry by itself: Vite's dev server starts it under an address of its own, and a chunk that imported it would have another one.
    manualChunks: (id, { getModuleInfo }) =>
      id !== resolve('src/worker/workerThread.ts') &&
      loadedAtOnce(getModuleInfo, resolve('src/worker/workerThread.ts')).has(id)
        ? 'main'
        : undefined,
  },
};

/** What each thread of WASM runs, whole: a worker knows no packages. */
const thread = (input, file) => ({
  input,
  plugins: plugins(),
  output: { file, format: 'iife', banner, sourcemap: true, plugins: [minified] },
});
const threads = [
  thread('src/backends/wasmThread.ts', 'dist/wasmThread.js'),
  thread('src/engines/wasm/thread.ts', 'dist/inferenceThread.js'),
];

/** The same for threads of Node. */
const nodeThread = {
  input: 'src/engines/wasm/thread.node.ts',
  external: packages,
  plugins: plugins(),
  output: { file: 'dist/node/inferenceThread.js', format: 'es', banner, sourcemap: true },
};

const script = {
  input: 'src/index.ts',
  external: packages,
  plugins: plugins(variant('umd')),
  output: {
    file: 'dist/alexnet.umd.js',
    format: 'umd',
    name: 'alexnet',
    globals: { '@tensorflow/tfjs-core': 'tf' },
    inlineDynamicImports: true,
    banner,
    sourcemap: true,
    plugins: [minified],
  },
};

const node = {
  input: Object.fromEntries(
    Object.entries({ ...entries, worker: workerPage }).map(([name, file]) => [
      `node/${name}`,
      file,
    ]),
  ),
  external: packages,
  plugins: plugins(variant('node')),
  output: [
    {
      dir: 'dist',
      format: 'es',
      paths: upOne(paths),
      banner,
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'node/chunk-[name].js',
    },
    {
      dir: 'dist',
      format: 'cjs',
      paths: upOne(paths),
      banner,
      sourcemap: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'node/chunk-[name].cjs',
      dynamicImportInCjs: true,
    },
  ],
};

const cli = {
  input: { cli: 'src/cli/main.ts', 'cli-evaluationThread': 'src/cli/evaluation/worker.ts' },
  external: packages,
  plugins: plugins(variant('node')),
  output: {
    dir: 'dist',
    entryFileNames: '[name].js',
    chunkFileNames: 'cli-[name].js',
    format: 'es',
    paths,
    banner: '#!/usr/bin/env node',
    sourcemap: true,
  },
};

/** What two entries or more declare is declared once: TypeScript takes two declarations of a class for two classes. */
const sharedTypes = (id, { getModuleInfo }) => {
  const reached = (from, found = new Set()) => {
    if (found.has(from)) return found;
    found.add(from);
    for (const each of getModuleInfo(from)?.importedIds ?? []) reached(each, found);
    return found;
  };
  const of = Object.values({ ...entries, worker: workerPage }).map((file) => resolve(file));
  return !of.includes(id) && of.filter((entry) => reached(entry).has(id)).length > 1
    ? 'shared'
    : undefined;
};

/** types/: the public API, a file a sub-path and one that they share, committed, so that a change of it shows in review. */
const types = {
  input: { ...entries, worker: workerPage },
  external: packages,
  plugins: [dts({ compilerOptions: { stripInternal: true } })],
  output: ['ts', 'cts'].map((extension) => ({
    dir: 'types',
    format: 'es',
    entryFileNames: `[name].d.${extension}`,
    chunkFileNames: `[name].d.${extension}`,
    manualChunks: sharedTypes,
    minifyInternalExports: false,
  })),
};

function upOne(relative) {
  return Object.fromEntries(Object.entries(relative).map(([from, to]) => [from, `../${to}`]));
}

/** `rollup -c --configOnly gallery` builds that alone, from the package as it was built before. */
export default async ({ configOnly }) => {
  if (configOnly === 'gallery') return galleryBundles();
  rmSync('dist', { recursive: true, force: true }); // chunks of an earlier build would be packed
  return [
    library,
    page,
    workerThread,
    ...threads,
    script,
    node,
    nodeThread,
    cli,
    types,
    ...(await galleryBundles()),
  ];
};
