/** Training a head: the last dense layer, on features that are kept as numbers. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../../backends/guest';
import { sizeOf } from '../../layers/layer';
import { sequential, type Sequential } from '../../layers/sequential';
import type { Split } from '../dataset/split';
import { HEAD } from '../defaults';
import { fit, type FitOptions } from '../loop/fit';
import type { LoopSettings } from '../loop/loop';
import { Trainer, type WeightArrays } from '../loop/trainer';
import { standardOf, type Features, type Standard } from './features';
import { stepsWithFallback, type Fallback } from './recovery';

/** A dense layer's weights. */
export interface HeadWeights {
  /** `[in, classes]`, flat. */
  kernel: Float32Array;
  /** `[classes]`. */
  bias: Float32Array;
}

export interface HeadTask {
  /** The whole network, with a head for the classes. */
  net: Sequential;
  head: string;
  tfBackend: string;
  features: Features;
  /** Rows of the features. */
  rows: Split;
  /** The initial weights. @default zeros: equal scores for all classes */
  start?: HeadWeights | undefined;
  settings: Omit<LoopSettings, 'validation'>;
  /** The name of the public function, for error messages. */
  where: string;
  fallback?: Fallback | undefined;
}

/**
 * Root mean square that features are scaled to. With it, a learning rate of 0.01 and 200 steps are
 * about as good as logistic regression, regardless of the scale of the weights that computed the
 * features.
 */
const FEATURE_LENGTH = 6;

/** Returns the number of epochs for a head: more when few images make epochs short. */
export const headEpochs = (images: number, batchSize: number): number =>
  Math.max(HEAD.epochs, Math.ceil(HEAD.steps / Math.ceil(images / batchSize)));

/**
 * Trains a head, and returns its weights by parameter name. Features are standardized, so that one
 * learning rate fits every set of weights; the returned head takes them as they are. It starts from
 * zeros, not from the paper's N(0, 0.01): a few images span few of the 4096 directions, and in all
 * others random weights would stay as noise. There is no dropout, which does not change the result.
 */
export async function trainHead(
  { net, head, tfBackend, features, rows, start, settings, where, fallback }: HeadTask,
  { onBest, ...options }: FitOptions = {},
): Promise<WeightArrays> {
  const headNet = sequential({ [head]: net.layers[head]! }, { inputShape: [features.length] });
  const [kernel, bias] = [`${head}/kernel`, `${head}/bias`];
  const { [kernel]: kernelSpec, [bias]: biasSpec } = headNet.params();
  const standard = standardOf(features, rows.training, FEATURE_LENGTH);
  const initial = start ? standardized(start, standard) : zeros(kernelSpec!.shape);
  const tensors: Record<string, Tensor> = onBackend(tfBackend, () => ({
    [kernel]: tensor(initial.kernel, [...kernelSpec!.shape]),
    [bias]: tensor(initial.bias, [...biasSpec!.shape]),
  }));
  const trainer = new Trainer({ net: headNet, tfBackend, tensors, trained: [head] });
  const unstandardize = (weights: WeightArrays): WeightArrays => {
    const plain = folded({ kernel: weights[kernel]!, bias: weights[bias]! }, standard);
    return { [kernel]: plain.kernel, [bias]: plain.bias };
  };
  const change = (view: Float32Array) => {
    for (let i = 0; i < view.length; i++) view[i] = (view[i]! - standard.mean[i]!) * standard.scale;
  };
  const validation =
    rows.validation.length > 0
      ? features.data(rows.validation, { drawn: false, change })
      : undefined;
  const data = features.data(rows.training, { drawn: true, change });
  const steps = stepsWithFallback(
    { trainer, data, settings: { ...settings, validation }, where },
    { [kernel]: initial.kernel, [bias]: initial.bias },
    fallback,
  );
  try {
    await fit(trainer, steps, {
      ...options,
      onBest: onBest && ((weights) => onBest(unstandardize(weights))),
    });
    return unstandardize((await trainer.state({ velocities: false })).weights);
  } finally {
    trainer.dispose();
  }
}

const zeros = (shape: readonly number[]): HeadWeights => ({
  kernel: new Float32Array(sizeOf(shape)),
  bias: new Float32Array(shape[1]!),
});

/**
 * Returns the head for features as they are, from one for standardized features, `(feature − mean)
 * · scale`.
 */
export function folded({ kernel, bias }: HeadWeights, { mean, scale }: Standard): HeadWeights {
  const plain = kernel.map((weight) => weight * scale);
  return { kernel: plain, bias: shifted(bias, plain, mean, -1) };
}

/** The inverse of `folded`. */
export function standardized(
  { kernel, bias }: HeadWeights,
  { mean, scale }: Standard,
): HeadWeights {
  return { kernel: kernel.map((weight) => weight / scale), bias: shifted(bias, kernel, mean, 1) };
}

/** Returns `bias + sign · mean · kernel`. */
function shifted(
  bias: Float32Array,
  kernel: Float32Array,
  mean: Float32Array,
  sign: 1 | -1,
): Float32Array {
  const classes = bias.length;
  const sums = Float64Array.from(bias);
  for (let i = 0; i < mean.length; i++) {
    for (let c = 0; c < classes; c++) sums[c]! += sign * mean[i]! * kernel[i * classes + c]!;
  }
  return Float32Array.from(sums);
}
