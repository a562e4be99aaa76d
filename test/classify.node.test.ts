/** load() and classify() of the built package in Node, on the shipped weights. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load, type Model } from 'alexnet-ts';
import expected from '../examples/images/expected.json';
import { printed, root } from './support/child';

const file = (name: string) => `${root}examples/images/${name}`;

describe('the shipped weights in Node', () => {
  let model: Model;
  before(async () => void (model = await load()));
  after(() => model.dispose());

  it('run on WebAssembly, and have 200 classes', () => {
    assert.equal(model.backend, 'wasm');
    assert.equal(model.labels.length, 200);
  });

  it('see in the sample pictures what expected.json says', async (t) => {
    const names = Object.keys(expected) as (keyof typeof expected)[];
    const start = performance.now();
    const answers = await model.classify(names.map(file), { topK: 1 });
    t.diagnostic(`${Math.round((performance.now() - start) / names.length)} ms a picture`);
    for (const [i, name] of names.entries()) {
      const { id, label, correctAtTop1 } = expected[name];
      if (correctAtTop1)
        assert.deepEqual([name, answers[i]![0]!.id, answers[i]![0]!.label], [name, id, label]);
    }
  });

  it(
    'have two pictures of an array begun beside the one at work, and no more',
    { timeout: 60_000 },
    async () => {
      const bytes = await readFile(file('orange.jpg'));
      const asked: number[] = [];
      let begun = () => {};
      const third = new Promise<void>((resolve) => (begun = resolve));
      class Picture extends Blob {
        constructor(private readonly index: number) {
          super([bytes]);
        }
        override async arrayBuffer(): Promise<ArrayBuffer> {
          asked.push(this.index);
          if (this.index === 2) begun();
          if (this.index === 0) {
            await third; // for ever, if it is not begun beside this one
            await new Promise((resume) => setTimeout(resume, 20));
            assert.deepEqual(asked, [0, 1, 2]);
          }
          return super.arrayBuffer();
        }
      }
      const answers = await model.classify([0, 1, 2, 3].map((index) => new Picture(index)));
      assert.deepEqual(asked, [0, 1, 2, 3]);
      assert.deepEqual(answers, Array(4).fill(answers[0]));
    },
  );

  it('answer the same to a path, a Buffer, a file: URL and a data: URL', async () => {
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

  it('answer to ten crops with their mean, near to that of the centre', async () => {
    const ten = await model.classify(file('school-bus.jpg'), { crops: 'ten' });
    assert.equal(ten[0]!.label, 'school bus');
  });

  it("give the paper's 4096 features", async () => {
    assert.equal((await model.embed(file('lemon.jpg'))).length, 4096);
    assert.deepEqual((await model.filters('conv1')).shape, [11, 11, 3, 96]);
  });
});

describe('the shipped weights in a program', () => {
  it('that requires the package, and ends by itself', async () => {
    const program = `
      const { load } = require('alexnet-ts');
      load().then(async (model) => {
        const [best] = await model.classify('examples/images/orange.jpg');
        console.log(JSON.stringify(best.label));
      });`;
    assert.equal(await printed(program, { type: 'commonjs' }), 'orange');
  });

  it("beside an app's own TensorFlow.js: its active backend, if any, and its tensors go on", async () => {
    for (const active of ['cpu', null]) {
      const program = `
        import * as tf from '@tensorflow/tfjs-core';
        ${active ? "import '@tensorflow/tfjs-backend-cpu'; await tf.setBackend('cpu'); const mine = tf.tensor([1, 2]);" : ''}
        import { load } from 'alexnet-ts';
        const model = await load();
        await model.classify('examples/images/orange.jpg');
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
