/** Training a head: the last dense layer, on features that are kept as numbers. */
import { sizeOf } from '../../layers/layer';
import { sequential, type Sequential } from '../../layers/sequential';
import type { Split } from '../dataset/split';
import { HEAD } from '../defaults';
import { fit, type FitOptions } from '../loop/fit';
import type { LoopSettings } from '../loop/loop';
import {
  Trainer,
  paramTensors,
  type StepTrainer,
  type TrainerState,
  type WeightArrays,
} from '../loop/trainer';
import { standardOf, type Features, type Standard } from './features';
import { WasmHeadTrainer } from './wasmHeadTrainer';
import { stepsWithFallback, type Fallback } from './recovery';
import type { BaseModel } from './tuningResult';

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
  /** The model whose head is trained, on its backend. */
  base: BaseModel;
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
 * Root mean square length that features are scaled to. With this value, 200 steps at a learning
 * rate of 0.01 are about as accurate as logistic regression, whatever the scale of the features.
 */
const FEATURE_LENGTH = 6;

/** Returns the number of epochs for a head: more when few images make epochs short. */
export const headEpochs = (images: number, batchSize: number): number =>
  Math.max(HEAD.epochs, Math.ceil(HEAD.steps / Math.ceil(images / batchSize)));

/**
 * Trains a head, and returns its weights by parameter name. Features are standardized, so that one
 * learning rate fits every set of weights; the returned head takes features that are not
 * standardized. It starts from zeros, not from the paper's N(0, 0.01): a few images span few of the
 * 4096 directions, and random weights would remain as noise in all others. There is no dropout,
 * because it does not change the result.
 */
export async function trainHead(
  { net, head, base, features, rows, start, settings, where, fallback }: HeadTask,
  { onBest, ...options }: FitOptions = {},
): Promise<WeightArrays> {
  const headNet = sequential({ [head]: net.layers[head]! }, { inputShape: [features.length] });
  const [kernel, bias] = [`${head}/kernel`, `${head}/bias`];
  const { [kernel]: kernelSpec } = headNet.params();
  const standard = standardOf(features, rows.training, FEATURE_LENGTH);
  const initial = start ? standardized(start, standard) : zeros(kernelSpec!.shape);
  const weights: WeightArrays = { [kernel]: initial.kernel, [bias]: initial.bias };
  let trainer = await openHeadTrainer(headNet, base, { weights, velocities: {} });
  const unstandardize = (trained: WeightArrays): WeightArrays => {
    const plain = folded({ kernel: trained[kernel]!, bias: trained[bias]! }, standard);
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
  const move = async (moved: BaseModel, state: TrainerState) => {
    trainer.dispose();
    return (trainer = await openHeadTrainer(headNet, moved, state));
  };
  const task = { trainer, data, settings: { ...settings, validation }, where };
  const current: Pick<StepTrainer, 'state' | 'restore'> = {
    state: (wanted) => trainer.state(wanted),
    restore: (state) => trainer.restore(state),
  };
  try {
    await fit(current, stepsWithFallback({ ...task, start: weights, fallback, move }), {
      ...options,
      onBest: onBest && ((best) => onBest(unstandardize(best))),
    });
    return unstandardize((await trainer.state({ velocities: false })).weights);
  } finally {
    trainer.dispose();
  }
}

/**
 * Returns a trainer of the head alone: with our kernels if our engine computes the model, otherwise
 * with TensorFlow.js' operations.
 */
async function openHeadTrainer(
  net: Sequential,
  base: BaseModel,
  state: TrainerState,
): Promise<StepTrainer> {
  let trainer: StepTrainer | undefined;
  if (base.backend.lazyTfjs) trainer = await WasmHeadTrainer.open(net, state.weights);
  if (!trainer) {
    await base.openTfjs('fineTune: training a head without SIMD');
    const { tfBackend } = base;
    const tensors = paramTensors(tfBackend, net, state.weights);
    trainer = new Trainer({ net, tfBackend, tensors, trained: net.names });
  }
  if (Object.keys(state.velocities).length > 0) trainer.restore(state);
  return trainer;
}

const zeros = (shape: readonly number[]): HeadWeights => ({
  kernel: new Float32Array(sizeOf(shape)),
  bias: new Float32Array(shape[1]!),
});

/**
 * Converts a head for standardized features `(feature − mean) · scale` to one for plain features.
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
