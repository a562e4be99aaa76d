/**
 * Loads a second copy of TensorFlow.js into one program: a warning that says what to do appears
 * once, and both copies keep computing.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { printed, root } from '../../test/support/child';

let app: string;

/**
 * Makes a folder with copies of the packages' files that Node loads, and links to their
 * dependencies.
 */
before(() => {
  app = mkdtempSync(join(tmpdir(), 'alexnet-ts-copies-'));
  for (const name of ['core', 'backend-wasm', 'backend-cpu']) {
    const [from, to] = [root, app].map((folder) =>
      join(folder, 'node_modules/@tensorflow', `tfjs-${name}`),
    ) as [string, string];
    mkdirSync(join(to, 'dist'), { recursive: true });
    const files = readdirSync(join(from, 'dist')).filter((file) => /\.(node\.js|wasm)$/.test(file));
    for (const file of ['package.json', ...files.map((each) => `dist/${each}`)])
      cpSync(join(from, file), join(to, file));
  }
  for (const name of ['long', 'node-fetch', 'seedrandom'])
    symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
});
after(() => rmSync(app, { recursive: true }));

interface Outcome {
  backend: string;
  /** The prediction of our model for a tensor of the app's copy. */
  answer: [string, string][];
  /** The result of the app's own operation, afterwards. */
  sum: number;
  warnings: string[];
}

/** Runs a program that loads the TensorFlow.js of `folder` before or after alexnet-ts. */
const run = (folder: string, backend: 'wasm' | 'cpu', order: 'before' | 'after') =>
  printed(
    `const warned = [];
    console.warn = (text) => warned.push(text);
    const theirs = require('node:module').createRequire(${JSON.stringify(join(folder, 'app.js'))});
    const tensorflow = async () => {
      const tf = theirs('@tensorflow/tfjs-core');
      theirs('@tensorflow/tfjs-backend-${backend}');
      await tf.setBackend('${backend}');
      return tf;
    };
    (async () => {
      let tf = ${order === 'before'} ? await tensorflow() : undefined;
      const { create } = require('alexnet-ts');
      const { dense, flatten, sequential } = require('alexnet-ts/layers');
      tf ??= await tensorflow();
      const net = sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [8, 8, 3] });
      const model = await create(net, { labels: ['a', 'b'], seed: 1 });
      await create(net);
      const answer = (await model.classify(tf.fill([16, 16, 3], 200))).map(({ label, probability }) => [label, probability.toFixed(4)]);
      const sum = tf.add(tf.scalar(1), tf.scalar(2)).dataSync()[0];
      console.log(JSON.stringify({ backend: model.backend, answer, sum, warnings: warned.filter((text) => /^alexnet-ts: /.test(text)) }));
      process.exit(0);
    })();`,
    { type: 'commonjs' },
  ) as Promise<Outcome>;

describe('two copies of TensorFlow.js', () => {
  let one: Outcome;
  before(async () => {
    one = await run(root, 'wasm', 'before');
  });

  it('cause no warning if there is only one', () => {
    assert.deepEqual([one.backend, one.sum, one.warnings], ['wasm', 3, []]);
  });

  const cases = [
    ['wasm', 'before', 'the app'],
    ['wasm', 'after', 'the backend "wasm"'],
    ['cpu', 'before', 'the app'],
    ['cpu', 'after', 'a part of the app that was loaded later'],
  ] as const;
  for (const [backend, order, user] of cases) {
    it(`on ${backend}, with the other loaded ${order} ours, both compute and warn once`, async () => {
      const two = await run(app, backend, order);
      assert.deepEqual([two.backend, two.answer, two.sum], ['wasm', one.answer, 3]);
      assert.equal(two.warnings.length, 1);
      const [text] = two.warnings as [string];
      assert.ok(text.includes(`and the one that ${user} uses.`), text);
      assert.match(
        text,
        /two copies of @tensorflow\/tfjs-core here: [\d.]+, .+"npm ls .+"npm dedupe"/,
      );
    });
  }
});
