/** Every bundle of the package, a constant each. The list of them is at the end. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import { writeAssembly } from './build/assembly.mjs';
import { ownChunk } from './build/chunks.mjs';
import { banner, licensePlugin } from './build/licenses.mjs';
import {
  browserOnly,
  escapedSlashes,
  importMetaUrl,
  nodeGlobals,
  threadedScript,
  topLevelAnnotations,
  variant,
} from './build/plugins.mjs';
import { typeBundle } from './build/types.mjs';
import { galleryBundles } from './examples/gallery/build.mjs';

await writeAssembly(); // compiles the AssemblyScript, which sources import

/** What `exports` of package.json names, except for the worker. */
const entries = {
  index: 'src/index.ts',
  layers: 'src/layers/index.ts',
  training: 'src/training/index.ts',
  convert: 'src/weights/convert/index.ts',
};
const worker = 'src/worker/index.ts';
const errors = 'src/errors.ts';

const DEFAULT_SET = 'alexnet-ts/weights/imagenet-293';
/** All bundles lie in dist/ itself, so that this path holds without a package manager too. */
const paths = { [DEFAULT_SET]: '../weights/imagenet-293/index.js' };

/** Packages that the user installs. Of TensorFlow.js' WASM the script for threads is bundled. */
const external = (id) =>
  id === 'alexnet-ts' ||
  id === DEFAULT_SET ||
  /^(node:|sharp$|commander$|cli-progress$|piscina$|undici$)/.test(id) ||
  /^@tensorflow\/(?!tfjs-backend-wasm\/(wasm-out\/|package\.json$))/.test(id);

const licenses = licensePlugin('dist/THIRD-PARTY-LICENSES.txt');
/**
 * `variant('node')` replaces x.ts by x.node.ts where there is one, `variant('umd')` by x.umd.ts.
 */
const plugins = (...first) => [
  ...first,
  threadedScript,
  nodeResolve({ extensions: ['.ts', '.js'] }),
  json(),
  esbuild({ target: 'es2022' }),
  licenses(),
];

/** For browsers; the files for Node stay readable. */
const minified = {
  banner,
  plugins: [
    terser({
      ecma: 2022,
      compress: { passes: 2 },
      format: { comments: /alexnet-ts/, preserve_annotations: true },
    }),
    escapedSlashes,
    topLevelAnnotations,
  ],
};

const browserOutput = {
  dir: 'dist',
  format: 'es',
  paths,
  sourcemap: 'hidden',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunk-[name].js',
  ...minified,
};

const { index, ...subpaths } = entries;
const api = 'src/api.ts';

/** The library for browsers. Error classes are an entry, since the worker's page shares them. */
const browser = {
  input: { ...subpaths, api, errors, split: 'src/training/dataset/split.ts' },
  external,
  plugins: plugins(),
  output: {
    ...browserOutput,
    manualChunks: ownChunk('api', api, Object.values(subpaths)),
    onlyExplicitManualChunks: true,
  },
};

/**
 * The package's main file: a few lines that re-export api.js. The namespace `alexnet` is a module of
 * its own and not an object, so that bundlers drop the functions that an app does not use.
 */
const browserIndex = {
  input: { index },
  external: (id) => id === resolve(api),
  plugins: plugins(),
  output: { ...browserOutput, paths: { [resolve(api)]: './api.js' } },
};

/** The page's side of alexnet-ts/worker: small, without TensorFlow.js. */
const workerPage = {
  input: { worker },
  external: (id) => external(id) || id === resolve(errors),
  plugins: plugins(),
  output: {
    ...browserOutput,
    paths: { ...paths, [resolve(errors)]: './errors.js' },
    chunkFileNames: 'worker-[name].js',
  },
};

/** Programs that contain TensorFlow.js, since workers have neither packages nor an import map. */
const withTensorFlow = (...first) => ({
  plugins: [
    ...first,
    threadedScript,
    browserOnly,
    nodeResolve({ browser: true, extensions: ['.ts', '.js'] }),
    commonjs(),
    json(),
    esbuild({ target: 'es2022' }),
    licenses(),
  ],
  onwarn: (warning, warn) =>
    ['EVAL', 'CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED'].includes(warning.code) || warn(warning), // in TensorFlow.js
});

/** The worker's program. The addresses of the shipped set come from the page. */
const workerThread = {
  input: { workerThread: 'src/worker/workerThread.ts' },
  ...withTensorFlow(variant('worker')),
  output: {
    ...browserOutput,
    sourcemap: false, // 10 MB with TensorFlow.js
    // One file without imports: Vite up to 7 cannot split a worker, and WebKit evaluates an entry
    // twice that a chunk imports.
    inlineDynamicImports: true,
  },
};

/** The converter, which the worker starts when it is needed. */
const convertThread = {
  input: 'src/weights/sources/convertThread.ts',
  ...withTensorFlow(),
  output: {
    file: 'dist/convertThread.js',
    format: 'iife',
    inlineDynamicImports: true,
    ...minified,
  },
};

/** What each thread of WASM runs, in a file without imports. */
const thread = (input, file) => ({
  input,
  plugins: plugins(),
  output: { file, format: 'iife', sourcemap: 'hidden', ...minified },
});
const threads = [
  thread('src/backends/wasmThread.ts', 'dist/wasmThread.js'),
  thread('src/engines/wasm/thread.ts', 'dist/inferenceThread.js'),
];

const nodeThread = {
  input: 'src/engines/wasm/thread.node.ts',
  external,
  plugins: plugins(),
  output: { file: 'dist/node/inferenceThread.js', format: 'es', banner, sourcemap: 'hidden' },
};

/** The library as a script: `alexnet.load()`. */
const script = {
  input: index,
  external,
  plugins: plugins(variant('umd')),
  output: {
    file: 'dist/alexnet.umd.js',
    format: 'umd',
    name: 'alexnet',
    globals: { '@tensorflow/tfjs-core': 'tf' },
    inlineDynamicImports: true,
    sourcemap: 'hidden',
    ...minified,
  },
};

/** The library for Node, as ES modules and as CommonJS. */
const node = {
  input: Object.fromEntries(
    Object.entries({ ...entries, worker }).map(([name, file]) => [`node/${name}`, file]),
  ),
  external,
  plugins: [...plugins(variant('node')), nodeGlobals, importMetaUrl],
  output: Object.entries({ es: 'js', cjs: 'cjs' }).map(([format, extension]) => ({
    dir: 'dist',
    format,
    paths: { [DEFAULT_SET]: `../${paths[DEFAULT_SET].replace('js', extension)}` },
    banner,
    sourcemap: 'hidden',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `node/chunk-[name].${extension}`,
    dynamicImportInCjs: false, // Jest's CommonJS has no import()
  })),
};

/** Large data: the command line imports the files that the browser bundle writes. */
const sharedData = {
  [resolve('src/kernels/wasm/trainingBinary.ts')]: './chunk-trainingBinary.js',
  [resolve('src/kernels/wasm/inferenceBinary.ts')]: './chunk-inferenceBinary.js',
  [resolve('src/weights/convert/imagenetData.ts')]: './chunk-imagenetData.js',
};

const commandLine = {
  input: { cli: 'src/cli/main.ts', 'cli-evaluationThread': 'src/cli/evaluation/worker.ts' },
  external: (id) => external(id) || id in sharedData,
  plugins: plugins(variant('node')),
  output: {
    dir: 'dist',
    format: 'es',
    paths: { ...paths, ...sharedData },
    banner: '#!/usr/bin/env node',
    sourcemap: 'hidden',
    entryFileNames: '[name].js',
    chunkFileNames: 'cli-[name].js',
    plugins: [terser({ ecma: 2022 })], // nobody reads it; saves 80 kB of the package
  },
};

const types = typeBundle({
  entries: { api, ...subpaths, 'worker-api': 'src/worker/api.ts' },
  namespaces: [
    { name: 'index', source: index, api: 'api' },
    { name: 'worker', source: worker, api: 'worker-api' },
  ],
  external,
});

/** `rollup -c --configOnly gallery` builds only the gallery, from the last build of the package. */
export default async ({ configOnly }) => {
  if (configOnly === 'gallery') return galleryBundles();
  rmSync('dist', { recursive: true, force: true }); // else chunks of an earlier build are packed
  return [
    browser,
    browserIndex,
    workerPage,
    workerThread,
    convertThread,
    ...threads,
    script,
    node,
    nodeThread,
    commandLine,
    types,
    ...(await galleryBundles()),
  ];
};
