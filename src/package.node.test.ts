/** The built package as Node sees it: every way to import it, without side effects, without a window, with and without sharp. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** Runs a program in a Node of its own, and returns what it printed as JSON. */
async function answer(program: string, type: 'module' | 'commonjs' = 'module', args: string[] = []): Promise<unknown> {
  const { stdout } = await run(process.execPath, [...args, `--input-type=${type}`, '--eval', program], { cwd: root });
  return JSON.parse(stdout);
}

const PUBLIC = [
  ...['AlexNetError', 'BackendError', 'ImageError', 'Model', 'OptionsError', 'ShapeError', 'WeightsError'],
  ...['caffeAlexNet', 'caffeNet', 'create', 'load', 'paperAlexNet', 'torchvisionAlexNet'],
];

describe('the package in Node', () => {
  it('is imported as a namespace, by name, and as everything', async () => {
    const program = `
      import { alexnet, load } from 'alexnet-ts';
      import * as everything from 'alexnet-ts';
      console.log(JSON.stringify([alexnet.load === load, everything.load === load, Object.keys(alexnet).sort(), Object.keys(everything).sort()]));`;
    assert.deepEqual(await answer(program), [true, true, PUBLIC, [...PUBLIC, 'alexnet'].sort()]);
  });

  it('is required', async () => {
    const program = `
      const { alexnet, load } = require('alexnet-ts');
      const { conv2d } = require('alexnet-ts/layers');
      const { momentumStep } = require('alexnet-ts/training');
      const { writeSet } = require('alexnet-ts/convert');
      console.log(JSON.stringify([alexnet.load === load, ...[conv2d, momentumStep, writeSet].map((f) => typeof f)]));`;
    assert.deepEqual(await answer(program, 'commonjs'), [true, 'function', 'function', 'function']);
  });

  it('has its sub-paths, the set of weights among them', async () => {
    const program = `
      import * as layers from 'alexnet-ts/layers';
      import * as training from 'alexnet-ts/training';
      import * as convert from 'alexnet-ts/convert';
      import set from 'alexnet-ts/weights/tiny-imagenet-200';
      console.log(JSON.stringify([typeof layers.sequential, typeof training.crossEntropy, typeof convert.encode, set.manifest.href.split('/').slice(-2)]));`;
    assert.deepEqual(await answer(program), ['function', 'function', 'function', ['tiny-imagenet-200', 'model.json']]);
  });

  it('does nothing on import: no backend is registered, no global is added', async () => {
    const program = `
      const before = Object.getOwnPropertyNames(globalThis);
      const tf = await import('@tensorflow/tfjs-core');
      const withCore = new Set(Object.getOwnPropertyNames(globalThis));
      await Promise.all(['', '/layers', '/training', '/convert'].map((path) => import('alexnet-ts' + path)));
      const { registryFactory, backendName = null, state } = tf.engine();
      const added = Object.getOwnPropertyNames(globalThis).filter((name) => !withCore.has(name));
      console.log(JSON.stringify([before.includes('window'), Object.keys(registryFactory), backendName, state.numTensors, added]));`;
    assert.deepEqual(await answer(program), [false, [], null, 0, []]);
  });

  it('loads, classifies a path, a Buffer, a file: and a data: URL alike, and leaves the app without an active backend', async () => {
    const program = `
      import { readFile } from 'node:fs/promises';
      import { pathToFileURL } from 'node:url';
      import { engine } from '@tensorflow/tfjs-core';
      import { alexnet } from 'alexnet-ts';
      const model = await alexnet.load();
      const path = 'examples/images/ladybug.jpg';
      const bytes = await readFile(path);
      const kinds = [path, bytes, pathToFileURL(path), 'data:image/jpeg;base64,' + bytes.toString('base64')];
      const answers = (await model.classify(kinds)).map(([best]) => best);
      model.dispose();
      console.log(JSON.stringify([model.backend, answers, engine().backendName ?? null, engine().state.numTensors]));`;
    const [backend, answers, active, tensors] = (await answer(program)) as [
      string,
      { label: string; id: string; probability: number }[],
      null,
      number,
    ];
    assert.deepEqual([backend, active, tensors], ['wasm', null, 0]);
    for (const { label, id, probability } of answers) {
      assert.deepEqual([label, id], ['ladybug', 'n02165456']);
      assert.ok(Math.abs(probability - answers[0]!.probability) < 1e-6);
    }
  });

  it('works beside an app whose active backend is another, and whose own tensors go on', async () => {
    const program = `
      import * as tf from '@tensorflow/tfjs-core';
      import '@tensorflow/tfjs-backend-cpu';
      import { load } from 'alexnet-ts';
      await tf.setBackend('cpu');
      const mine = tf.tensor([1, 2]);
      const model = await load();
      await model.classify('examples/images/orange.jpg');
      console.log(JSON.stringify([tf.getBackend(), Array.from(tf.add(mine, 1).dataSync()), model.backend]));`;
    assert.deepEqual(await answer(program), ['cpu', [2, 3], 'wasm']);
  });

  it('can be imported without sharp, and says what to install when a picture comes', async () => {
    const hook = `
      export const resolve = (name, context, next) => {
        if (name === 'sharp') throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      };`;
    const program = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      const { load } = await import('alexnet-ts');
      const model = await load();
      const error = await model.classify('examples/images/orange.jpg').catch((error) => error);
      console.log(JSON.stringify([error.name, error.message]));`;
    assert.deepEqual(await answer(program), [
      'ImageError',
      'image: decoding pictures in Node needs the package sharp, which is not installed. Run: npm install sharp',
    ]);
  });
});
