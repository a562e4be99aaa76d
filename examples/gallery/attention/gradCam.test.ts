/** gradCam: the gradient of a score, and the map that it gives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, load } from 'alexnet-ts';
import { conv2d, dense, dropout, flatten, maxPool, relu, sequential } from 'alexnet-ts/layers';
import sharp from 'sharp';
import { fileURLToPath } from 'node:url';
import { gradCam, scoreGradient } from './gradCam';

/** Noise, so that all parts of the network are active. */
const noise = () =>
  sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 80 },
    },
  })
    .png()
    .toBuffer();

/** Without biases after the last convolution, scores are linear in its maps wherever ReLU is. */
const small = () =>
  sequential(
    {
      conv1: conv2d({ filters: 8, size: 5, stride: 2, std: 0.2 }),
      relu1: relu(),
      conv2: conv2d({ filters: 12, size: 3, pad: 1, std: 0.2 }),
      relu2: relu(),
      pool2: maxPool({ size: 3, stride: 2, pad: 1 }),
      flatten: flatten(),
      drop: dropout(),
      fc3: dense({ units: 40, std: 0.2 }),
      relu3: relu(),
      fc4: dense({ units: 5, std: 0.2 }),
    },
    { inputShape: [32, 32, 3] },
  );

describe('gradCam', () => {
  it('computes the gradient of a score: its product with the maps is the score', async () => {
    const model = await create(small(), { labels: ['a', 'b', 'c', 'd', 'e'], seed: 3 });
    const image = await noise();
    const { data: scores } = await model.activations(image, 'fc4');
    for (const [index, score] of scores.entries()) {
      const { maps, gradient, step } = await scoreGradient(model, image, index);
      const product = maps.data.reduce((sum, value, i) => sum + value * gradient[i]!, 0);
      const size = maps.data.reduce((sum, value, i) => sum + Math.abs(value * gradient[i]!), 0);
      assert.ok(Math.abs(product - score) < 0.01 * size, `${index}: ${product}, not ${score}`);
      assert.ok(size > 0);
      assert.equal(step, 2);
    }
    model.dispose();
  });

  it('refuses a layer that it does not know', async () => {
    const { layers } = small();
    const net = sequential(
      { conv1: layers.conv1, pool: maxPool(), norm: layers.conv2, more: flatten(), fc: layers.fc4 },
      { inputShape: [32, 32, 3] },
    );
    const changed = {
      names: net.names,
      layers: { ...net.layers, more: { toJSON: () => ({ type: 'lrn' }) } },
    };
    const model = await create(net, { labels: ['a', 'b', 'c', 'd', 'e'] });
    await assert.rejects(
      gradCam(
        {
          net: changed,
          origin: undefined,
          activations: model.activations.bind(model),
          filters: model.filters.bind(model),
        },
        await noise(),
        0,
      ),
      /the layer more \(lrn\) has no backward pass here/,
    );
    model.dispose();
  });

  it('finds the ladybug in the left half of a picture', async () => {
    const model = await load();
    const ladybug = await sharp(fileURLToPath(new URL('../../images/ladybug.jpg', import.meta.url)))
      .resize(230, 230, { fit: 'cover' })
      .toBuffer();
    const picture = await sharp({
      create: { width: 480, height: 480, channels: 3, background: '#808080' },
    })
      .composite([{ input: ladybug, left: 20, top: 125 }])
      .png()
      .toBuffer();
    const { values, count, step } = await gradCam(model, picture, model.labels.indexOf('ladybug'));
    assert.deepEqual([values.length, count, step], [169, 13, 16]);
    assert.ok(Math.abs(Math.max(...values) - 1) < 1e-6);
    const warm = [...values.keys()].filter((cell) => values[cell]! > 0.3);
    const left = warm.filter((cell) => cell % 13 < 7);
    assert.ok(
      warm.length > 3 && left.length > 0.8 * warm.length,
      `${left.length} of ${warm.length}`,
    );
    model.dispose();
  });
});
