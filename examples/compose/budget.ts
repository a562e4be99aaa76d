/** budget: whether a network can be trained in this tab in the time that is given, said in a sentence. */
import type { Analysis } from './analyse';
import { short } from './table';

/** Multiply-adds that a step of training takes for each of the forward pass: forward, and back by inputs and by weights. */
const STEP = 3;
/** Multiply-adds a second of training, with WebAssembly on one thread of an ordinary machine. */
const SPEED = 3e9;
/** Times through the pictures, below which little is learnt. */
const LEAST_EPOCHS = 10;
/** What a tab may take, in bytes. */
const MEMORY = 500e6;
/** Weights, velocities and gradients; bytes a number. */
const COPIES = 3;
const BYTES = 4;

export interface Wanted {
  /** Of classes. */
  classes: number;
  /** To train on. */
  pictures: number;
  /** A step. */
  batchSize: number;
  /** Seconds to train. */
  seconds: number;
}

export interface Budget {
  /** Whether it can be trained. */
  fits: boolean;
  /** Why not, or what to expect. */
  sentence: string;
}

export function budget(
  { net, rows, parameters, multiplyAdds, activations }: Analysis,
  wanted: Wanted,
): Budget {
  const refuse = (sentence: string) => ({ fits: false, sentence });
  if (!net) return refuse('It can be trained once every line fits.');
  const secondsAnEpoch = (STEP * multiplyAdds * wanted.pictures) / SPEED;
  const most = (wanted.seconds * SPEED) / LEAST_EPOCHS / STEP / wanted.pictures;
  if (multiplyAdds > most) {
    return refuse(
      `Too large to learn anything in ${wanted.seconds} seconds in a tab: at ${short(multiplyAdds)} multiply-adds a picture, once through the ` +
        `${wanted.pictures} pictures takes some ${Math.ceil(secondsAnEpoch)} seconds. Up to ${short(most)} it works: try the small network.`,
    );
  }
  const bytes = BYTES * (COPIES * parameters + 2 * wanted.batchSize * activations);
  if (bytes > MEMORY) {
    return refuse(
      `Too large to train in a tab: it would take some ${Math.round(bytes / 1e6)} MB for weights, gradients and what is between the layers. ` +
        'Make the dense layers smaller, or pool more before them.',
    );
  }
  const last = rows.at(-1)!;
  if (last.outputShape.length !== 1 || last.outputShape[0] !== wanted.classes) {
    return refuse(
      `There are ${wanted.classes} classes to learn, but ${last.name} answers with ${last.outputShape.join(' × ')} numbers. ` +
        `End with “dense { units: ${wanted.classes} }”.`,
    );
  }
  const time =
    secondsAnEpoch < 1 ? 'less than a second' : `some ${Math.ceil(secondsAnEpoch)} seconds`;
  return {
    fits: true,
    sentence: `It learns from ${wanted.pictures} pictures of ${wanted.classes} classes. Once through all of them takes ${time}.`,
  };
}
