/** The self-test of the programs: the network of the backends' own, with weights that are floats and with weights that are codes. */
import { checkAnswer, selfTestNetwork, selfTestValues } from '../tfjs/selfTest';
import { dequantize, type QuantizedTensor } from '../../weights/format/storedTensor';
import type { StandaloneEngine } from '../engine';

/** Weights of its last layer, all different in a row. */
const CODES: QuantizedTensor = {
  values: Uint8Array.from({ length: 72 * 4 }, (_, i) => (i * 37) % 256),
  scale: 0.01,
  min: -1.28,
};

/** @throws Error saying what was off. */
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

  engine.setWeights('fc', { ...values('fc'), kernel: CODES });
  const { data: features } = await engine.run(input, 1, 'flatten');
  const [weights, bias] = [dequantize(CODES), values('fc').bias!];
  const expected = Array.from(bias, (offset, unit) =>
    features.reduce((sum, value, k) => sum + value * weights[4 * k + unit]!, offset),
  );
  checkAnswer((await engine.run(input, 1, last)).data, tfBackend, expected);
}
