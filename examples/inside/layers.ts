/** layers: which layers are worth looking at, and what each of them does, in words. */
import type { NetworkSummary } from 'alexnet-ts';

export interface LayerFacts {
  name: string;
  /** `[height, width, channels]`, or `[units]`. */
  shape: readonly number[];
  what: string;
  /** How far apart neighbours of its maps look, in pixels of the view. */
  step: number;
  /** Whether the first half of its channels is one tower and the second the other. */
  towers: boolean;
}

/** What `model.net` says of a layer. */
type Described = Readonly<
  Record<string, { toJSON(): { type: string; [option: string]: unknown } }>
>;

/** Layers of the paper whose halves see nothing of each other; conv3 sees both, and so do fc6, fc7 and fc8. */
const TOWERS = ['conv1', 'norm1', 'pool1', 'conv2', 'norm2', 'pool2', 'conv4', 'conv5', 'pool5'];
const SHOWN = ['conv2d', 'lrn', 'maxPool', 'dense'];

const number = (value: number) => value.toLocaleString('en-GB');
/** `55 × 55 × 96`. */
export const shapeOf = (shape: readonly number[]) => shape.join(' × ');

/** All but ReLU, which `activations` counts with the layer before it, flatten and dropout. */
export function layersOf({ layers }: NetworkSummary, described: Described): LayerFacts[] {
  let step = 1;
  return layers.flatMap(({ name, type, outputShape, parameters, multiplyAdds }) => {
    const { size, stride = 1, groups = 1, n } = described[name]!.toJSON() as Record<string, number>;
    step *= stride;
    if (!SHOWN.includes(type)) return [];
    const relu = name === 'fc8' ? '' : ', then ReLU';
    const doing = {
      conv2d: `Filters of ${size} × ${size}${stride > 1 ? `, every ${stride} pixels` : ''}${groups > 1 ? ', each tower by itself' : ''}${relu}.`,
      lrn: `Local response normalisation: each against its ${n! - 1} neighbours.`,
      maxPool: `The largest of ${size} × ${size}, every ${stride}.`,
      dense: `Every number before, weighed and summed${relu}.`,
    }[type]!;
    const cost = parameters
      ? ` ${number(parameters)} parameters, ${number(Math.round(multiplyAdds / 1e5) / 10)} million multiply-adds.`
      : '';
    return [{ name, shape: outputShape, what: doing + cost, step, towers: TOWERS.includes(name) }];
  });
}
