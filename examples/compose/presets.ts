/** presets: networks to start from. Those of the library are converted to text. */
import { caffeNet, paperAlexNet, torchvisionAlexNet } from 'alexnet-ts';
import {
  layerFromJSON,
  sequentialFromJSON,
  type LayerJSON,
  type Sequential,
} from 'alexnet-ts/layers';

export interface Preset {
  title: string;
  /** Width and height of the input, in pixels. */
  inputSize: number;
  text: string;
}

/** Options that are always written, even with their default value. */
const ALWAYS_WRITTEN = ['size', 'rate', 'units', 'filters'];

/** Whether the option has its default value. */
function isDefault(layer: LayerJSON, option: string): boolean {
  const { [option]: _left, ...rest } = layer;
  try {
    return JSON.stringify(layerFromJSON(rest).toJSON()) === JSON.stringify(layer);
  } catch {
    return false; // a required option
  }
}

const formatValue = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .filter(([, side]) => side !== 0)
        .map(([key, side]) => `${key}: ${side}`)
        .join(', ')} }`
    : String(value);

/** Returns a line: `conv1: conv2d { filters: 96, size: 11, stride: 4 }`. */
function lineOf({ name, ...layer }: LayerJSON): string {
  const { type, ...options } = layer;
  const written = Object.entries(options).filter(
    ([option]) =>
      ALWAYS_WRITTEN.includes(option) ||
      (type === 'maxPool' && option === 'stride') ||
      !isDefault(layer, option),
  );
  const list = written.map(([option, value]) => `${option}: ${formatValue(value)}`).join(', ');
  return (name === type ? type : `${String(name)}: ${type}`) + (list && ` { ${list} }`);
}

const layersOf = (net: Sequential) => net.toJSON().layers as LayerJSON[];
export const textOf = (net: Sequential): string => layersOf(net).map(lineOf).join('\n');

function preset(title: string, net: Sequential): Preset {
  return { title, inputSize: net.inputShape![0]!, text: textOf(net) };
}

/** The paper's network without towers: every filter sees all channels. */
function oneTower(): Sequential {
  const { inputShape, layers } = paperAlexNet().toJSON() as LayerJSON & { layers: LayerJSON[] };
  const joined = layers.map((layer) => (layer.type === 'conv2d' ? { ...layer, groups: 1 } : layer));
  return sequentialFromJSON({ type: 'sequential', inputShape, layers: joined });
}

/** A small network with two towers in conv2. Learns the sample classes in a minute. */
const SMALL = `conv1: conv2d { filters: 32, size: 5, stride: 2, pad: 2 }
relu1: relu
norm1: lrn
pool1: maxPool { size: 3, stride: 2 }
conv2: conv2d { filters: 64, size: 3, pad: 1, groups: 2, std: 0.05 }
relu2: relu
pool2: maxPool { size: 3, stride: 2 }
conv3: conv2d { filters: 64, size: 3, pad: 1, std: 0.05 }
relu3: relu
pool3: maxPool { size: 3, stride: 2 }
flatten
fc4: dense { units: 64, std: 0.05 }
relu4: relu
drop4: dropout { rate: 0.5 }
fc5: dense { units: 4, std: 0.05 }`;

export const presets: Readonly<Record<string, Preset>> = {
  // First, because it can be trained here.
  small: { title: 'Small, for 4 classes', inputSize: 64, text: SMALL },
  paper: preset('Paper (two towers)', paperAlexNet()),
  oneTower: preset('Paper, one tower', oneTower()),
  caffeNet: preset('CaffeNet', caffeNet()),
  torchvision: preset('torchvision', torchvisionAlexNet()),
};
