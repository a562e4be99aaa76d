/**
 * Whole AlexNets, torchvision's of 61,100,840 weights and Caffe's of 60,965,224, from the file to
 * the logits, as built. Expected logits are PyTorch's (fixtures/whole.py).
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { printed } from '../../../test/support/child';
import { WHOLE_BOUNDS, wholeCaffe, wholeTorchvision } from '../../../test/support/wholeAlexNet';
import reference from '../../../test/fixtures/whole.json';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-whole-'));
  await writeFile(join(folder, 'torchvision.safetensors'), wholeTorchvision());
  await writeFile(join(folder, 'caffe.caffemodel'), wholeCaffe());
});
after(() => rm(folder, { recursive: true }));

interface Computed {
  backend: string;
  weights: number;
  /** The logits at `at`. */
  logits: number[];
  top: number[];
}

const computed = (file: string, quantize: string | false, at: readonly number[]) =>
  printed(
    `
    import { load } from 'alexnet-ts';
    import { wholeImage } from './test/support/wholeAlexNet.ts';
    console.info = () => {};
    const model = await load({
      weights: ${JSON.stringify(join(folder, file))},
      convert: { quantize: ${JSON.stringify(quantize)} },
      cache: false,
    });
    const { data: values } = await model.activations(wholeImage(), 'fc8');
    console.log(JSON.stringify({
      backend: model.backend,
      weights: model.summary().parameters,
      logits: ${JSON.stringify(at)}.map((i) => values[i]),
      top: (await model.classify(wholeImage())).map(({ index }) => index),
    }));
    process.exit();
  `,
    { flags: ['--import', 'tsx'] },
  ) as Promise<Computed>;

describe('a whole AlexNet', () => {
  for (const [name, file, quantize] of [
    ['torchvision', 'torchvision.safetensors', false],
    ['torchvision', 'torchvision.safetensors', 'uint8'],
    ['torchvision', 'torchvision.safetensors', 'uint4'],
    ['caffe', 'caffe.caffemodel', false],
  ] as const) {
    it(`of ${name}, stored as ${quantize || 'float32'}, has PyTorch's logits`, async () => {
      const { weights, maxAbs, at, logits, top } = reference[name];
      const found = await computed(file, quantize, at);
      assert.equal(found.backend, 'wasm');
      assert.equal(found.weights, weights);
      const worst = Math.max(...logits.map((logit, i) => Math.abs(logit - found.logits[i]!)));
      assert.ok(worst / maxAbs < WHOLE_BOUNDS[quantize || 'float32'], `${worst / maxAbs}`);
      assert.equal(found.top[0], top[0]);
      if (!quantize) assert.deepEqual(found.top, top);
    });
  }
});
