/**
 * Half-float textures hold numbers up to 65504: LRN, which squares its input, must not overflow for
 * smaller ones.
 */
import { localResponseNormalization, tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import { onHalfFloats } from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import { lrnKernel } from './lrn';

/** The largest activation of each case; the shipped network's is some hundreds. */
const LARGEST = [300, 3000, 60000];

onHalfFloats('local response normalization', ({ tolerance, read }) => {
  for (const largest of LARGEST) {
    it(`of activations up to ${largest} is correct`, async () => {
      await BACKENDS.cpu.open({});
      const [shape, values]: [[number, number, number, number], Float32Array] = [
        [1, 6, 6, 32],
        formula(`half ${largest}`, 6 * 6 * 32, largest).map(Math.abs),
      ];
      const expected = await onBackend('cpu', () =>
        localResponseNormalization(tensor(values, shape) as Tensor4D, 2, 2, 1e-4, 0.75),
      ).data();
      expect(Math.max(...values) ** 2).toBeGreaterThan(65504);
      expectClose(
        await read(() =>
          lrnKernel({ x: tensor(values, shape) }, { radius: 2, k: 2, alpha: 1e-4, beta: 0.75 }),
        ),
        expected,
        tolerance,
      );
    });
  }
});
