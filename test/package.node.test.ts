/** The built package in Node: every sub-path, both module systems, no side effects. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import * as everything from 'alexnet-ts';
import { alexnet, load } from 'alexnet-ts';
import { walk } from 'estree-walker';
import { parseAst } from 'rollup/parseAst';
import packageJson from '../package.json';
import { printed } from './support/child';

const require = createRequire(import.meta.url);

const NAMES = [
  'AlexNetError',
  'BackendError',
  'ImageError',
  'Model',
  'OptionsError',
  'ShapeError',
  'WeightsError',
  'caffeAlexNet',
  'caffeNet',
  'create',
  'load',
  'paperAlexNet',
  'torchvisionAlexNet',
];
/** An export of each sub-path. */
const SUB_PATHS = {
  layers: 'sequential',
  training: 'train',
  convert: 'writeSet',
  worker: 'load',
};

const sorted = (object: object) => Object.keys(object).sort();

describe('alexnet-ts', () => {
  it('exports the same names in its three forms', () => {
    assert.equal(alexnet.load, load);
    assert.equal(everything.load, load);
    for (const name of NAMES) {
      assert.ok(name in alexnet, `alexnet.${name}`);
      assert.ok(name in everything, name);
    }
    assert.deepEqual(sorted(everything), [...sorted(alexnet), 'alexnet'].sort());
  });

  it('can be required, with the same names', () => {
    const required = require('alexnet-ts') as typeof everything;
    assert.deepEqual(sorted(required), sorted(everything));
    assert.deepEqual(sorted(required.alexnet), sorted(alexnet));
  });

  for (const [path, name] of Object.entries(SUB_PATHS)) {
    it(`has the sub-path ./${path} in both module systems, with the same names`, async () => {
      const imported = (await import(`alexnet-ts/${path}`)) as Record<string, unknown>;
      const required = require(`alexnet-ts/${path}`) as Record<string, unknown>;
      assert.equal(typeof imported[name], 'function');
      assert.deepEqual(sorted(required), sorted(imported));
    });
  }

  it('shares the classes of errors and layers among its sub-paths', async () => {
    const { sequential } = await import('alexnet-ts/layers');
    assert.throws(() => sequential({}), everything.OptionsError);
    const { sequential: required } =
      require('alexnet-ts/layers') as typeof import('alexnet-ts/layers');
    assert.throws(() => required({}), (require('alexnet-ts') as typeof everything).OptionsError);
  });

  it('says what to use instead of a web worker in Node', async () => {
    const worker = await import('alexnet-ts/worker');
    await assert.rejects(
      worker.load(),
      (error) =>
        error instanceof everything.BackendError &&
        /^load: there is no web worker here .+ In Node, import load from 'alexnet-ts'/.test(
          error.message,
        ),
    );
  });

  // In a separate process: tsx would resolve the weights by tsconfig's "paths".
  const facts = 'console.log(JSON.stringify(set))';
  const expectSet = (set: unknown) => {
    const { manifest, shards } = set as {
      manifest: { shards: { path: string }[] };
      shards: Record<string, string>;
    };
    const file = new URL('../weights/imagenet-293/model.json', import.meta.url);
    assert.deepEqual(manifest, JSON.parse(readFileSync(file, 'utf8')));
    assert.deepEqual(
      Object.keys(shards),
      manifest.shards.map(({ path }) => path),
    );
    for (const [path, url] of Object.entries(shards)) {
      assert.equal(url, new URL(path, file).href);
      assert.ok(existsSync(new URL(url)), url);
    }
  };

  it('has the manifest and the URLs of the shipped weights', async () => {
    expectSet(
      await printed(
        `const { default: set } = await import('alexnet-ts/weights/imagenet-293'); ${facts}`,
      ),
    );
  });

  it('has them in CommonJS too, without import()', async () => {
    expectSet(
      await printed(
        `const { default: set } = require('alexnet-ts/weights/imagenet-293'); ${facts}`,
        { type: 'commonjs' },
      ),
    );
    const dist = new URL('../dist/node/', import.meta.url);
    const scripts = readdirSync(dist).filter((file) => file.endsWith('.cjs'));
    assert.ok(scripts.length > 10);
    for (const file of scripts)
      assert.doesNotMatch(
        readFileSync(new URL(file, dist), 'utf8'),
        /\bimport\(|\bcurrentScript\b/,
        file,
      );
  });

  for (const file of ['workerThread.js', 'convertThread.js'])
    it(`${file} is one file, without imports and without what only Node has`, () => {
      const program = readFileSync(new URL(`../dist/${file}`, import.meta.url), 'utf8');
      const found = program.match(
        /\bimport\s*\(|^import\b.*|\brequire\(.*?\)|typeof \(?(__filename|__dirname|process|require)\b/gm,
      );
      assert.deepEqual(found, null);
    });

  it('has no regular expression whose end the tokenizer of Vite 5 misplaces at the slash of [^/]', () => {
    for (const file of readdirSync('dist').filter((name) => name.endsWith('.js'))) {
      if (file.startsWith('cli')) continue;
      walk(parseAst(readFileSync(`dist/${file}`, 'utf8')), {
        enter(node) {
          const pattern = node.type === 'Literal' && 'regex' in node ? node.regex.pattern : '';
          assert.doesNotMatch(pattern.replace(/\\[^]/g, ''), /\//, file);
        },
      });
    }
  });

  it('imports only packages that it declares', () => {
    const dist = new URL('../dist/', import.meta.url);
    const declared = [
      packageJson.name,
      ...Object.keys({ ...packageJson.dependencies, ...packageJson.peerDependencies }),
    ];
    const imported = new Set<string>();
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (!/^(node\/)?[\w.-]+\.c?js$/.test(file) || file.includes('umd')) continue;
      const code = readFileSync(new URL(file, dist), 'utf8').replace(/^ ?\*.*/gm, ''); // not examples
      for (const [, name] of code.matchAll(
        /(?:\bfrom|\bimport|\brequire|\bimport\()\s*\(?["']((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[\w./-]+)?["']/g,
      ))
        imported.add(name!);
    }
    assert.ok(imported.has('@tensorflow/tfjs-core'));
    assert.deepEqual(
      // The WebGPU backend is named in a message only.
      [...imported].filter((name) => !declared.includes(name) && !name.endsWith('-webgpu')),
      [],
    );
  });

  it('exports its version', () => {
    assert.equal(
      (require('alexnet-ts/package.json') as typeof packageJson).version,
      packageJson.version,
    );
  });

  it('does not let private files be imported', async () => {
    await assert.rejects(import('alexnet-ts/dist/node/index.js' as string), {
      code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    });
  });
});

describe('importing alexnet-ts', () => {
  const facts = `{ globals: Object.getOwnPropertyNames(globalThis).sort(), backends: Object.keys(engine().registryFactory), active: engine().backendName ?? null,
    tensors: engine().state.numTensors, kernels: ['cpu', 'wasm', 'webgl'].flatMap((name) => getKernelsForBackend(name)).length }`;
  const tfjsAlone = { backends: [], active: null, tensors: 0, kernels: 0 };

  for (const form of [
    'alexnet-ts',
    'alexnet-ts/layers',
    'alexnet-ts/training',
    'alexnet-ts/convert',
    'alexnet-ts/worker',
  ]) {
    it(`${form} has no side effect: no backend, no kernel, no global`, async () => {
      const program = (load: string, core: string) =>
        `${core}; const before = ${facts}; ${load}; console.log(JSON.stringify({ before, after: ${facts} }));`;
      const core = "'@tensorflow/tfjs-core'";
      const results = await Promise.all([
        printed(
          program(
            `await import('${form}')`,
            `const { engine, getKernelsForBackend } = await import(${core})`,
          ),
        ),
        printed(
          program(
            `require('${form}')`,
            `const { engine, getKernelsForBackend } = require(${core})`,
          ),
          { type: 'commonjs' },
        ),
      ]);
      for (const result of results) {
        const { before, after } = result as { before: object; after: object };
        assert.deepEqual(after, before);
        assert.deepEqual({ ...after, ...tfjsAlone }, after);
      }
    });
  }
});

describe('without sharp', () => {
  const hook =
    "export const resolve = (name, context, next) => { if (name === 'sharp') throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); };";
  const noSharp = `--import=data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));`)}`;
  const text =
    'image: decoding images in Node needs the package sharp, which is not installed. Run: npm install sharp';

  it('the package can be imported, and says what to install to decode images', async () => {
    const program = `
      const { create } = await import('alexnet-ts');
      const { dense, flatten, sequential } = await import('alexnet-ts/layers');
      const model = await create(sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [4, 4, 3] }), { backend: 'cpu' });
      const error = await model.classify('examples/images/orange.jpg').catch((error) => error);
      const raw = await model.classify({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 255) });
      console.log(JSON.stringify({ name: error.name, message: error.message, raw: raw.length }));`;
    assert.deepEqual(await printed(program, { flags: [noSharp] }), {
      name: 'ImageError',
      message: text,
      raw: 2,
    });
  });
});
