/** A loaded network on WASM without TensorFlow.js' WASM backend, whose package is not imported. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engine } from '@tensorflow/tfjs-core';
import { alexnet } from 'alexnet-ts';

const image = (name: string) => `examples/images/${name}.jpg`;
/** Names of backends that TensorFlow.js' packages have registered since. */
const registered = () =>
  Object.keys(engine().registryFactory).filter((name) => name.includes('wasm'));

for (const threads of [1, 2]) {
  describe(`a model on WASM in Node, threads: ${threads}`, () => {
    let model: alexnet.Model;
    before(async () => (model = await alexnet.load({ backend: 'wasm', threads })));
    after(() => model.dispose());

    it('loads, classifies, embeds, and gives activations and filters', async () => {
      assert.deepEqual([model.backend, model.threads, model.passedOver], ['wasm', threads, []]);
      assert.equal((await model.classify(image('orange')))[0]!.label, 'orange');
      assert.equal((await model.embed(image('orange'))).length, 4096);
      assert.ok((await model.activations(image('orange'), 'conv5')).data.length > 0);
      assert.ok((await model.filters('conv1')).data.length > 0);
      assert.deepEqual(registered(), []);
    });

    it('trains a head, adds a class and removes one', async () => {
      const tuned = await model.fineTune({ fruit: [image('orange')], bus: [image('school-bus')] });
      assert.equal((await tuned.classify(image('school-bus')))[0]!.label, 'bus');
      const more = await tuned.addClass('snack', [image('espresso')]);
      assert.equal((await more.classify(image('espresso')))[0]!.label, 'snack');
      const less = await more.removeClass('bus');
      assert.deepEqual([...less.labels], ['fruit', 'snack']);
      assert.equal((await less.classify(image('orange')))[0]!.label, 'fruit');
      for (const made of [tuned, more, less]) made.dispose();
      assert.deepEqual(registered(), []);
    });
  });
}
