/** load() and classify() of the built package in Node, on the shipped weights. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load, type Model } from 'alexnet-ts';
import expected from '../examples/images/expected.json';
import { describePrediction } from '../examples/images/predictions.mjs';
import { printed, root } from './support/child';

const file = (name: string) => `${root}examples/images/${name}`;

describe('the shipped weights in Node', () => {
  let model: Model;
  before(async () => void (model = await load({ precision: 'float32' })));
  after(() => model.dispose());

  it('run on WebAssembly and have 293 classes', () => {
    assert.equal(model.backend, 'wasm');
    assert.equal(model.labels.length, 293);
  });

  it('classify the sample images as in expected.json', async (t) => {
    const names = Object.keys(expected) as (keyof typeof expected)[];
    const start = performance.now();
    const answers = await model.classify(names.map(file), { topK: 1 });
    t.diagnostic(`${Math.round((performance.now() - start) / names.length)} ms per image`);
    let correct = 0;
    for (const [i, name] of names.entries()) {
      const { id, correctAtTop1 } = expected[name];
      assert.equal(answers[i]![0]!.id === id, correctAtTop1, name);
      correct += Number(correctAtTop1);
    }
    assert.ok(correct >= 9, `${correct} of ${names.length} are correct`);
  });

  it('match the table in examples/images/README.md', async () => {
    const text = await readFile(`${root}examples/images/README.md`, 'utf8');
    const rows = [...text.matchAll(/^\| \[(.+?\.jpg)\].*/gm)].map(([row, name]) => ({
      name: name!,
      cells: row!.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')),
    }));
    assert.deepEqual(rows.map(({ name }) => name).sort(), Object.keys(expected).sort());
    const predictions = await model.classify(
      rows.map(({ name }) => file(name)),
      { topK: model.labels.length },
    );
    rows.forEach(({ name, cells }, i) => {
      const { id, label } = expected[name as keyof typeof expected];
      assert.deepEqual(cells.slice(2), [label, id, ...describePrediction(id, predictions[i]!)]);
    });
  });

  it(
    'decode two images ahead while one is classified, and no more',
    { timeout: 60_000 },
    async () => {
      const bytes = await readFile(file('orange.jpg'));
      const read: number[] = [];
      let startThird = () => {};
      const third = new Promise<void>((resolve) => (startThird = resolve));
      class Picture extends Blob {
        constructor(private readonly index: number) {
          super([bytes]);
        }
        override async arrayBuffer(): Promise<ArrayBuffer> {
          read.push(this.index);
          if (this.index === 2) startThird();
          if (this.index === 0) {
            await third; // never resolves if it does not start meanwhile
            await new Promise((resume) => setTimeout(resume, 20));
            assert.deepEqual(read, [0, 1, 2]);
          }
          return super.arrayBuffer();
        }
      }
      const answers = await model.classify([0, 1, 2, 3].map((index) => new Picture(index)));
      assert.deepEqual(read, [0, 1, 2, 3]);
      assert.deepEqual(answers, Array(4).fill(answers[0]));
    },
  );

  it('return the same predictions for a path, a Buffer, a file: URL and a data: URL', async () => {
    const path = file('orange.jpg');
    const buffer = await readFile(path);
    const answer = await model.classify(path);
    assert.equal(answer.length, 5);
    for (const form of [
      buffer,
      pathToFileURL(path).href,
      pathToFileURL(path),
      `data:image/jpeg;base64,${buffer.toString('base64')}`,
    ]) {
      assert.deepEqual(await model.classify(form), answer);
    }
  });

  it('average the predictions of ten crops, close to that of the center', async () => {
    const ten = await model.classify(file('school-bus.jpg'), { crops: 'ten' });
    assert.equal(ten[0]!.label, 'school bus');
  });

  it("return the paper's 4096 features", async () => {
    assert.equal((await model.embed(file('lemon.jpg'))).length, 4096);
    assert.deepEqual((await model.filters('conv1')).shape, [11, 11, 3, 96]);
  });
});

describe('the shipped weights in a program', () => {
  it('that requires the package, and exits on its own', async () => {
    const program = `
      const { load } = require('alexnet-ts');
      load().then(async (model) => {
        const [best] = await model.classify('examples/images/obelisk.jpg');
        console.log(JSON.stringify(best.label));
      });`;
    assert.equal(await printed(program, { type: 'commonjs' }), 'obelisk');
  });

  it("with the app's own TensorFlow.js, whose active backend and tensors stay", async () => {
    for (const active of ['cpu', null]) {
      const program = `
        import * as tf from '@tensorflow/tfjs-core';
        ${active ? "import '@tensorflow/tfjs-backend-cpu'; await tf.setBackend('cpu'); const mine = tf.tensor([1, 2]);" : ''}
        import { load } from 'alexnet-ts';
        const model = await load();
        await model.classify('examples/images/obelisk.jpg');
        model.dispose();
        const sum = ${active ? 'Array.from(tf.add(mine, 1).dataSync())' : 'null'};
        console.log(JSON.stringify([tf.engine().backendName ?? null, sum, model.backend, tf.engine().state.numTensors]));`;
      assert.deepEqual(
        await printed(program),
        active ? ['cpu', [2, 3], 'wasm', 2] : [null, null, 'wasm', 0],
      );
    }
  });
});
