/** Shapes and sizes of the networks, and the comments that state them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { caffeAlexNet, caffeNet, paperAlexNet, torchvisionAlexNet } from '../src/alexnet';
import { formatShape } from '../src/layers/layer';
import type { Sequential } from '../src/layers/sequential';

const source = readFileSync(new URL('../src/alexnet.ts', import.meta.url), 'utf8');

describe('alexnet.ts', () => {
  const nets: Record<string, Sequential> = {
    paperAlexNet: paperAlexNet(),
    caffeAlexNet: caffeAlexNet(),
    caffeNet: caffeNet(),
    torchvisionAlexNet: torchvisionAlexNet(),
  };

  it('states the correct output shape at each line', () => {
    let held = 0;
    for (const [name, net] of Object.entries(nets)) {
      const body = source.split(`export const ${name} `)[1]!.split('export const')[0]!;
      const shapes: Record<string, readonly number[]> = net.shapes();
      for (const [, layer, comment] of body.matchAll(
        /^ +(\w+)(?:: .*)?, \/\/ +([\d× ]+|classes)$/gm,
      )) {
        assert.equal(
          comment!.trim(),
          layer === 'fc8' ? 'classes' : formatShape(shapes[layer!]!),
          `${name} ${layer}`,
        );
        held++;
      }
    }
    assert.equal(held, 23 + 8 + 21);
  });

  it('has the parameters of the paper: 60,965,224, and of torchvision: 61,100,840', () => {
    const count = (net: Sequential) =>
      net.summary().reduce((sum, layer) => sum + layer.parameters, 0);
    assert.equal(count(nets.paperAlexNet!), 60_965_224);
    assert.equal(count(paperAlexNet(1000, { inputSize: 224 })), 60_965_224);
    assert.equal(count(nets.caffeAlexNet!), 60_965_224);
    assert.equal(count(nets.caffeNet!), 60_965_224);
    assert.equal(count(nets.torchvisionAlexNet!), 61_100_840);
  });

  it('has the multiply-adds of the paper: 0.72 G per image', () => {
    const rows = Object.fromEntries(
      nets.paperAlexNet!.summary().map((row) => [row.name, row.multiplyAdds]),
    );
    assert.equal(rows.conv1, 55 * 55 * 96 * 11 * 11 * 3); // 105 M
    assert.equal(rows.conv2, 27 * 27 * 256 * 5 * 5 * 48); // 224 M
    assert.equal((nets.paperAlexNet!.multiplyAdds() / 1e9).toFixed(2), '0.72');
  });

  it("initializes biases of 1 in conv2, conv4, conv5, fc6 and fc7, and weights N(0, 0.01), as the paper's section 5", () => {
    const ones = Object.entries(paperAlexNet().params())
      .filter(([, { init }]) => init.kind === 'constant' && init.value === 1)
      .map(([name]) => name);
    assert.deepEqual(ones, ['conv2/bias', 'conv4/bias', 'conv5/bias', 'fc6/bias', 'fc7/bias']);
    for (const [name, { init }] of Object.entries(paperAlexNet().params())) {
      if (name.endsWith('kernel')) assert.deepEqual(init, { kind: 'normal', std: 0.01 });
    }
  });

  it('treats 224 pixels like 227: conv1 returns 55 × 55 for both', () => {
    assert.deepEqual(paperAlexNet(1000, { inputSize: 224 }).shapes().conv1, [55, 55, 96]);
    assert.deepEqual(paperAlexNet().shapes().conv1, [55, 55, 96]);
  });
});
