/** Learning rates, layer by layer. */
import { read } from '../../backends/contextLoss';
import type { ModelInternals } from '../../model/modelParts';
import type { FineTuneOptions } from '../fine-tune/options';
import type { Plan } from '../fine-tune/trainableLayers';

/** Of a head by itself, on features of the length that `trainHead` gives them. */
export const HEAD_RATE = 0.01;
/** Of layers that begin from weights that are good already. */
const LAYER_RATE = 0.001;

/**
 * Root mean square of a first layer's weights from which it takes the rate of the others. Where the spread of the pixels is divided out
 * in the weights, as in sets that come from PyTorch, these are some 58 times smaller, and a step moves them 58 times as far:
 * at 0.001 one step would undo conv1 of the shipped set.
 */
const FIRST_WEIGHTS = 0.05;

/** The rate of each trained layer: what is wanted, else one that fits. */
export async function learningRates(
  { net, tensors, tfBackend }: ModelInternals,
  { trained }: Plan,
  wanted: FineTuneOptions['learningRate'],
): Promise<Record<string, number>> {
  const rates: Record<string, number> = {};
  const otherwise = trained.length === 1 ? HEAD_RATE : LAYER_RATE;
  for (const name of trained) {
    const given = typeof wanted === 'number' ? wanted : wanted?.[name];
    const kernel = tensors[`${name}/kernel`];
    if (
      given === undefined &&
      otherwise === LAYER_RATE &&
      kernel &&
      net.names.indexOf(name) === 0
    ) {
      const squares = (await read(tfBackend, kernel)).reduce(
        (sum, weight) => sum + weight * weight,
        0,
      );
      rates[name] = LAYER_RATE * Math.min(1, squares / kernel.size / FIRST_WEIGHTS ** 2);
    } else rates[name] = given ?? otherwise;
  }
  return rates;
}
