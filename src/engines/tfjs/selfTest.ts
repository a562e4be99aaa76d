/** The self-test on TensorFlow.js' operations. */
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { compute } from '../../backends/contextLoss';
import { checkOutput, selfTestNetwork, selfTestValues } from '../selfTest';

/**
 * Runs the self-test on an open backend.
 * @throws Error that says which value is wrong.
 */
export async function selfTest(tfBackend: string): Promise<void> {
  const { input, params } = selfTestValues();
  const { data: output } = await compute(tfBackend, () =>
    tidy(() => {
      const tensors = Object.fromEntries(
        [...params].map(([name, { shape, values }]) => [name, tensor(values, shape as number[])]),
      );
      return selfTestNetwork.apply(tensor(input, [1, 13, 13, 4]), tensors);
    }),
  );
  checkOutput(output, tfBackend);
}
