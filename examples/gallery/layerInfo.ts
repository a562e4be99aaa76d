/** layerInfo: the layers that the page shows, each with a description. */
import type { NetworkSummary } from 'alexnet-ts';

export interface LayerInfo {
  name: string;
  /** `[height, width, channels]`, or `[units]`. */
  shape: readonly number[];
  description: string;
  /** Distance between neighboring cells of its maps, in pixels of the input. */
  step: number;
  /** Whether each half of its channels belongs to one tower. */
  towers: boolean;
}

/** The layers of `model.net`. */
type Layers = Readonly<Record<string, { toJSON(): { type: string; [option: string]: unknown } }>>;

/** Layers whose halves are not connected in the paper; conv3 and fc6 to fc8 see both towers. */
const TOWERS = ['conv1', 'norm1', 'pool1', 'conv2', 'norm2', 'pool2', 'conv4', 'conv5', 'pool5'];
const SHOWN = ['conv2d', 'lrn', 'maxPool', 'dense'];

const number = (value: number) => value.toLocaleString('en-US');
/** `55 × 55 × 96`. */
export const shapeOf = (shape: readonly number[]) => shape.join(' × ');

/** Leaves out ReLU, which `activations` merges into the layer before it, flatten and dropout. */
export function layerInfo({ layers }: NetworkSummary, byName: Layers): LayerInfo[] {
  const hasTowers = byName.conv2?.toJSON().groups === 2; // torchvision's network has one
  let step = 1;
  return layers.flatMap(({ name, type, outputShape, parameters, multiplyAdds }) => {
    const { size, stride = 1, groups = 1, n } = byName[name]!.toJSON() as Record<string, number>;
    step *= stride;
    if (!SHOWN.includes(type)) return [];
    const relu = name === 'fc8' ? '' : ', then ReLU';
    const description = {
      conv2d: `Convolution, ${size} × ${size} filters${stride > 1 ? `, stride ${stride}` : ''}${groups > 1 ? ', separately in each tower' : ''}${relu}.`,
      lrn: `Local response normalization across ${n} neighboring channels.`,
      maxPool: `Maximum of ${size} × ${size} cells, stride ${stride}.`,
      dense: `Fully connected${relu}.`,
    }[type]!;
    const cost = parameters
      ? ` ${number(parameters)} parameters, ${number(Math.round(multiplyAdds / 1e5) / 10)} million multiply-adds.`
      : '';
    return [
      {
        name,
        shape: outputShape,
        description: description + cost,
        step,
        towers: hasTowers && TOWERS.includes(name),
      },
    ];
  });
}
