/** The rollup bundles of the gallery: a page for every example, and the service worker. */
import { readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import { licensePlugin } from '../../build/licenses.mjs';
import { assetUrls } from './assetUrls.mjs';
import { pages } from './pages.mjs';
import { precacheList } from './precacheList.mjs';
import { readExamples } from './readExamples.mjs';
import { sampleClasses } from './sampleClasses.mjs';
import { sampleThumbnails } from './sampleThumbnails.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'dist/gallery');

/** Resolves `alexnet-ts` to the built package by its `exports`, as for an installed package. */
const thisPackage = {
  name: 'this-package',
  resolveId(source) {
    if (source !== 'alexnet-ts' && !source.startsWith('alexnet-ts/')) return null;
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const entry = exports[`.${source.slice('alexnet-ts'.length)}`];
    if (!entry) throw new Error(`${source}: package.json has no such export.`);
    // As in its package.json.
    return { id: join(root, entry.import?.default ?? entry.default), moduleSideEffects: false };
  },
};

/** Deletes the previous build, whose files would be precached too. */
const emptyOutput = {
  name: 'empty-output',
  buildStart: () => rmSync(out, { recursive: true, force: true }),
};

const licenses = licensePlugin(join(out, 'licences.txt'));

const plugins = (...more) => [
  thisPackage,
  nodeResolve({ browser: true, extensions: ['.ts', '.mjs', '.js'] }),
  commonjs({ ignore: builtinModules }), // tfjs-backend-wasm requires them if it runs in Node
  esbuild({ target: 'es2022' }),
  licenses(),
  ...more,
];

/** Ignores eval and circular imports in TensorFlow.js. */
const onwarn = (warning, warn) => {
  if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
  if (!['EVAL', 'CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED'].includes(warning.code)) warn(warning);
};

export async function galleryBundles() {
  const examples = await readExamples();
  const inputs = examples.map(({ folder }) => [folder, join(root, 'examples', folder, 'main.ts')]);
  return [
    {
      input: {
        ...Object.fromEntries(inputs),
        page: join(root, 'examples/gallery/page.ts'),
        article: join(root, 'examples/article/main.ts'),
      },
      plugins: plugins(
        emptyOutput,
        sampleClasses(root),
        sampleThumbnails(root),
        assetUrls(root),
        pages(root, examples),
      ),
      onwarn,
      output: {
        dir: out,
        format: 'es',
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
        plugins: [terser()],
      },
    },
    {
      input: join(root, 'examples/gallery/serviceWorker.ts'),
      plugins: plugins(
        precacheList(out),
        replace({ preventAssignment: true, 'process.env.NODE_ENV': '"production"' }),
      ),
      onwarn,
      output: { file: join(out, 'serviceWorker.js'), format: 'es', plugins: [terser()] },
    },
  ];
}
