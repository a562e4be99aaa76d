/**
 * Whole AlexNets in the browser, from a Blob to the logits: torchvision's of 61,100,840 weights and
 * Caffe's of 60,965,224. The expected logits are PyTorch's (fixtures/whole.py).
 */
import { load } from '../../model/load';
import { isLong } from '../../../test/support/seeds';
import {
  WHOLE_BOUNDS,
  wholeCaffe,
  wholeImage,
  wholeTorchvision,
} from '../../../test/support/wholeAlexNet';
import reference from '../../../test/fixtures/whole.json';

for (const [name, write] of [
  ['torchvision', wholeTorchvision],
  // takes minutes, and the tests in Node cover it too
  ...(isLong ? ([['caffe', wholeCaffe]] as const) : []),
] as const) {
  describe(`${name}'s whole AlexNet in the browser`, () => {
    let file: Blob;
    beforeAll(() => {
      file = new Blob([...write()]);
    });
    beforeEach(() => void spyOn(console, 'info')); // that a file was converted
    afterAll(() => (file = new Blob([])));

    for (const quantize of [false, 'uint8', 'uint4'] as const) {
      it(`stored as ${quantize || 'float32'}, has PyTorch's logits`, async () => {
        const { weights, maxAbs, at, logits, top } = reference[name];
        const options = { weights: file, backend: 'wasm', cache: false } as const;
        const model = await load({ ...options, convert: { quantize } });
        const { data, width, height } = wholeImage();
        const image = new ImageData(data, width, height);
        const { data: found } = await model.activations(image, 'fc8');
        const [best] = await model.classify(image);
        expect([model.backend, model.summary().parameters]).toEqual(['wasm', weights]);
        const worst = Math.max(...logits.map((logit, i) => Math.abs(logit - found[at[i]!]!)));
        expect(worst / maxAbs).toBeLessThan(WHOLE_BOUNDS[quantize || 'float32']);
        expect(best!.index).toBe(top[0]!);
        model.dispose();
      }, 180_000);
    }
  });
}
