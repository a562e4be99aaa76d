/**
 * Whole AlexNets from the file to the logits, with the built package: torchvision's of 61,100,840
 * weights and Caffe's of 60,965,224. The expected logits are PyTorch's (fixtures/whole.py).
 * ALEXNET_WHOLE_FILES is a folder of further files that fixtures/whole_files.py wrote.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

const computed = (path: string, quantize: string | false, at: readonly number[]) =>
  printed(
    `
    import { load } from 'alexnet-ts';
    import { wholeImage } from './test/support/wholeAlexNet.ts';
    console.info = () => {};
    const model = await load({
      weights: ${JSON.stringify(path)},
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

type Quantize = false | 'uint8' | 'uint4';

/** Checks the logits of a file. Returns their largest error, relative to the largest logit. */
async function check(name: keyof typeof reference, path: string, quantize: Quantize) {
  const { weights, maxAbs, at, logits, top } = reference[name];
  const found = await computed(path, quantize, at);
  assert.equal(found.backend, 'wasm');
  assert.equal(found.weights, weights);
  const error = Math.max(...logits.map((logit, i) => Math.abs(logit - found.logits[i]!))) / maxAbs;
  assert.ok(error < WHOLE_BOUNDS[quantize || 'float32'], `${error}`);
  assert.equal(found.top[0], top[0]);
  if (!quantize) assert.deepEqual(found.top, top);
  return error;
}

describe('a whole AlexNet', () => {
  for (const [name, file] of [
    ['torchvision', 'torchvision.safetensors'],
    ['caffe', 'caffe.caffemodel'],
  ] as const)
    for (const quantize of [false, 'uint8', 'uint4'] as const)
      it(`of ${name}, stored as ${quantize || 'float32'}, has PyTorch's logits`, async (test) => {
        const error = await check(name, join(folder, file), quantize);
        test.diagnostic(`largest error of a logit: ${error.toPrecision(2)} of the largest logit`);
      });

  const others = process.env.ALEXNET_WHOLE_FILES;
  for (const file of others ? readdirSync(others).sort() : [])
    it(`in ${file}, has PyTorch's logits`, async (test) => {
      const name = file.startsWith('caffe') ? 'caffe' : 'torchvision';
      for (const quantize of [false, 'uint8'] as const) {
        const error = await check(name, resolve(others!, file), quantize);
        test.diagnostic(`${file}, ${quantize || 'float32'}: ${error.toPrecision(2)}`);
      }
    });
});
