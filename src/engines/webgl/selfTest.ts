/**
 * The self-test of the WebGL programs: the backends' self-test network with float and quantized
 * weights.
 */
import { dequantize, type QuantizedTensor } from '../../weights/format/storedTensor';
import type { StandaloneEngine } from '../engine';
import { checkAnswer, selfTestNetwork, selfTestValues } from '../tfjs/selfTest';

/** Weights of the last layer; all values of a row differ. */
const QUANTIZED: QuantizedTensor = {
  values: Uint8Array.from({ length: 72 * 4 }, (_, i) => (i * 37) % 256),
  scale: 0.01,
  min: -1.28,
};

/** @throws Error with the wrong value. */
export async function testPrograms(engine: StandaloneEngine, tfBackend: string): Promise<void> {
  const { input, params } = selfTestValues();
  const values = (layer: string) =>
    Object.fromEntries(
      ['kernel', 'bias'].map((name) => [name, params.get(`${layer}/${name}`)!.values]),
    );
  const last = selfTestNetwork.names.at(-1)!;
  engine.setWeights('conv', values('conv'));
  engine.setWeights('fc', values('fc'));
  checkAnswer((await engine.run(input, 1, last)).data, tfBackend);

  engine.setWeights('fc', { ...values('fc'), kernel: QUANTIZED });
  const { data: features } = await engine.run(input, 1, 'flatten');
  const [weights, bias] = [dequantize(QUANTIZED), values('fc').bias!];
  const expected = Array.from(bias, (offset, unit) =>
    features.reduce((sum, value, k) => sum + value * weights[4 * k + unit]!, offset),
  );
  checkAnswer((await engine.run(input, 1, last)).data, tfBackend, expected);
}
