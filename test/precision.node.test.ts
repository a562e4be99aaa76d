/** The option `precision` in the built package: the shipped set in Node, without relaxed SIMD. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { load, OptionsError, type Model } from 'alexnet-ts';
import expected from '../examples/images/expected.json';
import { relativeError } from './support/close';
import { root } from './support/child';

const images = Object.keys(expected).map((name) => `${root}examples/images/${name}`);

describe('precision', () => {
  const models: Model[] = [];
  let [float32, int8, threaded]: Model[] = [];
  before(async () => {
    models.push(await load({ precision: 'float32' }), await load({ precision: 'int8' }));
    models.push(await load({ precision: 'int8', threads: 2 }));
    [float32, int8, threaded] = models;
  });
  after(() => models.forEach((model) => model.dispose()));

  it('is what was requested', () => {
    assert.deepEqual(
      models.map(({ precision, backend }) => [precision, backend]),
      [
        ['float32', 'wasm'],
        ['int8', 'wasm'],
        ['int8', 'wasm'],
      ],
    );
    assert.equal(threaded!.threads, 2);
  });

  it("'int8' agrees with 'float32': the same best class, probabilities within 0.02", async () => {
    const all = { topK: float32!.labels.length };
    const exact = await float32!.classify(images, all);
    const rounded = await int8!.classify(images, all);
    for (const [i, predictions] of exact.entries()) {
      assert.equal(rounded[i]![0]!.label, predictions[0]!.label, images[i]);
      const near = new Map(rounded[i]!.map(({ label, probability }) => [label, probability]));
      for (const { label, probability } of predictions)
        assert.ok(Math.abs(near.get(label)! - probability) < 0.02, `${images[i]}: ${label}`);
    }
    assert.notDeepEqual(rounded, exact);
  });

  it('two threads compute the same integers as one', async () => {
    const features = (model: Model) => model.embed(images, { layer: 'pool5' });
    assert.deepEqual(await features(threaded!), await features(int8!));
  });

  it('every layer is within 1.5 % of its largest value', async () => {
    for (const layer of ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8']) {
      const exact = await float32!.activations(images[0]!, layer, { beforeRelu: true });
      const rounded = await int8!.activations(images[0]!, layer, { beforeRelu: true });
      const error = relativeError(rounded.data, exact.data);
      assert.ok(error > 0 && error < 0.015, `${layer}: ${error}`);
    }
  });

  it("'auto' embeds in float32", async () => {
    const auto = await load({ precision: 'auto' });
    assert.deepEqual(await auto.embed(images[0]!), await float32!.embed(images[0]!));
    auto.dispose();
  });

  it('a head trained on 8-bit features classifies in 8 bits', async () => {
    const [obelisk, bus] = ['obelisk', 'school-bus'].map((n) => `${root}examples/images/${n}.jpg`);
    const tuned = await int8!.fineTune({ stone: [obelisk!], yellow: [bus!] }, { seed: 1 });
    assert.equal(tuned.precision, 'int8');
    assert.equal((await tuned.classify(bus!))[0]!.label, 'yellow');
    tuned.dispose();
  });

  it('must be a known value, and 8 bits require WASM', async () => {
    await assert.rejects(load({ precision: 'int4' as 'int8' }), (error: Error) => {
      assert.ok(error instanceof OptionsError);
      assert.match(error.message, /precision must be 'auto', 'float32' or 'int8', got "int4"/);
      return true;
    });
    await assert.rejects(load({ precision: 'int8', backend: 'cpu' }), {
      message:
        "load: backend must be 'wasm' for precision 'int8', got 'cpu'. Omit one of the two options.",
    });
  });
});
