/** A head by itself: the last dense layer, trained on features that are kept as numbers. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../../backends/guest';
import { sizeOf } from '../../layers/layer';
import { sequential, type Sequential } from '../../layers/sequential';
import { standardOf, type Features, type Standard } from './features';
import type { LoopSettings } from '../loop/loop';
import { steadyLoop, type Refuge } from './recovery';
import type { StepReport } from '../loop/history';
import { track, type TrackOptions } from '../loop/earlyStopping';
import { Trainer } from '../loop/trainer';

/** A dense layer's numbers. */
export interface HeadWeights {
  /** `[in, classes]` flat. */
  kernel: Float32Array;
  /** `[classes]`. */
  bias: Float32Array;
}

export interface HeadTraining<Best> {
  /** The whole network, with the head's layer for the classes wanted. */
  net: Sequential;
  head: string;
  tfBackend: string;
  features: Features;
  /** Rows of the features. */
  training: readonly number[];
  validation: readonly number[];
  /** What the head begins with. @default zeros: every class alike */
  start?: HeadWeights;
  settings: Omit<LoopSettings, 'validation'>;
  track: Omit<TrackOptions<Best>, 'make'> & { make: (head: HeadWeights) => Best };
  where: string;
  /** Where it can go on when its backend is lost. */
  refuge?: Refuge | undefined;
}

/**
 * Root mean square of the length of the features that the head sees. With it a learning rate of 0.01 and 200 steps are about as good as
 * logistic regression, whatever the scale of the weights that made the features.
 */
const LENGTH = 6;

/**
 * Trains a head. Features are centred and scaled, so that one learning rate fits every set of weights; the head
 * that comes out takes them as they are. It starts from zero, and not from the paper's N(0, 0.01): a few pictures span few of
 * the 4096 directions, and what is drawn in the others would stay in the head as noise. Without dropout, which was seen to change nothing.
 */
export async function* trainHead<Best>({
  net,
  head,
  tfBackend,
  features,
  training,
  validation,
  start,
  settings,
  track: tracking,
  where,
  refuge,
}: HeadTraining<Best>): AsyncGenerator<StepReport, HeadWeights, void> {
  const small = sequential({ [head]: net.layers[head]! }, { inputShape: [features.length] });
  const [kernelName, biasName] = [`${head}/kernel`, `${head}/bias`];
  const specs = small.params();
  const standard = standardOf(features, training, LENGTH);
  const begin = start ? standardised(start, standard) : zeros(specs[kernelName]!.shape);
  const tensors: Record<string, Tensor> = onBackend(tfBackend, () => ({
    [kernelName]: tensor(begin.kernel, [...specs[kernelName]!.shape]),
    [biasName]: tensor(begin.bias, [...specs[biasName]!.shape]),
  }));
  const trainer = new Trainer({ net: small, tfBackend, tensors, trained: [head] });
  const plain = (weights: Record<string, Float32Array>) =>
    folded({ kernel: weights[kernelName]!, bias: weights[biasName]! }, standard);
  const change = (view: Float32Array) => {
    for (let i = 0; i < view.length; i++) view[i] = (view[i]! - standard.mean[i]!) * standard.scale;
  };
  try {
    const kept =
      validation.length > 0 ? features.data(validation, { drawn: false, change }) : undefined;
    const loop = steadyLoop({
      ...{ trainer, where, refuge },
      data: features.data(training, { drawn: true, change }),
      settings: { ...settings, validation: kept },
      start: { [kernelName]: begin.kernel, [biasName]: begin.bias },
    });
    yield* track(trainer, loop, { ...tracking, make: (weights) => tracking.make(plain(weights)) });
    return plain((await trainer.state({ velocities: false })).weights);
  } finally {
    trainer.dispose();
  }
}

const zeros = (shape: readonly number[]): HeadWeights => ({
  kernel: new Float32Array(sizeOf(shape)),
  bias: new Float32Array(shape[1]!),
});

/** The head for features as they are, of one for `(feature − mean) · scale`. */
export function folded({ kernel, bias }: HeadWeights, { mean, scale }: Standard): HeadWeights {
  const plain = kernel.map((weight) => weight * scale);
  return { kernel: plain, bias: shifted(bias, plain, mean, -1) };
}

/** The inverse of `folded`. */
export function standardised(
  { kernel, bias }: HeadWeights,
  { mean, scale }: Standard,
): HeadWeights {
  return { kernel: kernel.map((weight) => weight / scale), bias: shifted(bias, kernel, mean, 1) };
}

/** `bias + sign · mean · kernel`. */
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
