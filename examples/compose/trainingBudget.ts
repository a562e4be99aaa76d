/** trainingBudget: whether a network can be trained in this tab in the given time. */
import type { Analysis } from './analyze';
import { formatShort } from './layerTable';

/** Cost of a training step relative to a forward pass: forward, input and weight gradients. */
const STEP_COST = 3;
/** Multiply-adds per second with WebAssembly on one thread of an ordinary machine. */
const SPEED = 3e9;
/** Fewer epochs hardly learn anything. */
const MIN_EPOCHS = 10;
/** Memory limit of a tab, in bytes. */
const MAX_MEMORY = 500e6;
/** Weights, velocities and gradients; bytes per number. */
const COPIES = 3;
const BYTES = 4;

export interface TrainingPlan {
  /** Number of classes. */
  classes: number;
  /** Number of training pictures. */
  pictures: number;
  /** Pictures per step. */
  batchSize: number;
  /** Training time. */
  seconds: number;
}

export interface TrainingBudget {
  /** Whether training is possible. */
  fits: boolean;
  /** Why not, or what to expect. */
  message: string;
}

export function trainingBudget(
  { net, rows, parameters, multiplyAdds, activations }: Analysis,
  plan: TrainingPlan,
): TrainingBudget {
  const refuse = (message: string) => ({ fits: false, message });
  if (!net) return refuse('Fix the errors above to train this network.');
  const secondsPerEpoch = (STEP_COST * multiplyAdds * plan.pictures) / SPEED;
  const max = (plan.seconds * SPEED) / MIN_EPOCHS / STEP_COST / plan.pictures;
  if (multiplyAdds > max) {
    return refuse(
      `Too large to train in ${plan.seconds} seconds: with ${formatShort(multiplyAdds)} multiply-adds per picture, ` +
        `an epoch of ${plan.pictures} pictures takes about ${Math.ceil(secondsPerEpoch)} seconds. ` +
        `The limit is ${formatShort(max)}. Try the small network.`,
    );
  }
  const bytes = BYTES * (COPIES * parameters + 2 * plan.batchSize * activations);
  if (bytes > MAX_MEMORY) {
    return refuse(
      `Too large to train in a tab: weights, gradients and activations need about ${Math.round(bytes / 1e6)} MB. ` +
        'Make the dense layers smaller, or pool more before them.',
    );
  }
  const last = rows.at(-1)!;
  if (last.outputShape.length !== 1 || last.outputShape[0] !== plan.classes) {
    return refuse(
      `The last layer must have ${plan.classes} outputs, one per class, but ${last.name} has ${last.outputShape.join(' × ')}. ` +
        `End with “dense { units: ${plan.classes} }”.`,
    );
  }
  const time =
    secondsPerEpoch < 1 ? 'less than a second' : `about ${Math.ceil(secondsPerEpoch)} seconds`;
  return {
    fits: true,
    message: `Trains on ${plan.pictures} pictures of ${plan.classes} classes. An epoch takes ${time}.`,
  };
}
