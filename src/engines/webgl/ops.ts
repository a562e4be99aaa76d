/** The layers of a network as draws: the programs of each, and the weights that it keeps on the GPU. */
import type { Conv2dOptions } from '../../layers/conv2d';
import type { LayerJSON, Shape } from '../../layers/layer';
import type { LrnOptions } from '../../layers/lrn';
import type { MaxPoolOptions } from '../../layers/maxPool';
import type { StoredTensor } from '../../weights/format/storedTensor';
import { convolution } from './conv2d';
import { flatten, fullyConnected } from './dense';
import type { Field, Gpu } from './gpu';
import { maxPool, norm, relu } from './lrn';

/** What steps are made with. */
export interface Place {
  gpu: Gpu;
  /** How the layer's weights will come, where that is known. */
  storing?: 'codes' | 'floats' | undefined;
}

export interface Step {
  /** The shape of what it writes. */
  output: Shape;
  /** Reads `n` inputs in `x`, writes as many outputs to `y`. `rectify`: with the ReLU behind it. */
  run(x: Field, y: Field, n: number, rectify: boolean): void;
  /** Takes its weights, once, and answers how to have them again. */
  set?(params: Record<string, StoredTensor>): Record<string, () => Float32Array>;
}

/** The step of a layer for inputs of one shape; 'none' where it changes nothing, undefined where there is no program for it. */
export function stepOf(
  { type, ...options }: LayerJSON,
  input: Shape,
  output: Shape,
  place: Place,
): Step | 'none' | undefined {
  switch (type) {
    case 'dropout':
      return 'none';
    case 'flatten':
      return input.length === 1 ? 'none' : flatten(input, output, place);
    case 'relu':
      return relu(input, place);
    case 'conv2d':
      return convolution(options as unknown as Conv2dOptions, input, output, place);
    case 'dense':
      return fullyConnected(input[0]!, output[0]!, place);
    case 'maxPool':
      return maxPool(options as MaxPoolOptions, input, output, place);
    case 'lrn':
      return norm(options as LrnOptions, input, place);
    default:
      return undefined;
  }
}
