/**
 * Writes .safetensors in this library's layout, or with the names and axes that PyTorch's
 * `load_state_dict` needs.
 */
import { torchvisionAlexNet } from '../../alexnet';
import { OptionsError } from '../../errors';
import { RECIPE, PYTORCH_NAMES, type Layout } from '../convert/alexnetMetadata';
import { parameterInRecipe } from '../convert/recipe';
import { classCount } from '../format/manifest';
import { chain, type ChainedLayer } from './exportedLayers';
import { hwioParameters, oihwParameters } from './parameters';
import {
  bytesOf,
  totalBytes,
  writeTensors,
  type ModelToExport,
  type Parameter,
  type FileLayout,
} from './fileLayout';

export interface SafetensorsOptions {
  quantize: 'float32' | 'float16' | 'uint8';
  layout: Layout;
}

const DTYPES = { float32: 'F32', float16: 'F16', int8: 'I8', uint8: 'U8' } as const;

/**
 * Returns the layout of the file: the length of the header, the header as JSON with the dtype,
 * shape and offsets of each tensor, then their bytes.
 */
export function safetensors(model: ModelToExport, options: SafetensorsOptions): FileLayout {
  const parameters = parametersOf(model, options);
  const { layout } = options;
  const about = JSON.stringify(layout === 'alexnet-ts' ? model.facts : { ...model.facts, layout });
  const header: Record<string, unknown> = {
    __metadata__: { format: layout === 'alexnet-ts' ? 'alexnet-ts' : 'pt', [RECIPE]: about },
  };
  let at = 0;
  for (const tensor of parameters.flatMap(({ tensors }) => tensors)) {
    header[tensor.name] = {
      dtype: DTYPES[tensor.type],
      shape: tensor.shape,
      data_offsets: [at, (at += bytesOf(tensor))],
    };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8; // aligns the tensors for every dtype
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return {
    bytes: totalBytes(parameters),
    async write(sink, events) {
      const put = (bytes: Uint8Array) => sink('model.safetensors', bytes);
      await put(head);
      await writeTensors({ model, parameters, put, events });
    },
  };
}

function parametersOf(
  { net, layers }: ModelToExport,
  { quantize, layout }: SafetensorsOptions,
): Parameter[] {
  if (layout === 'alexnet-ts') return hwioParameters(net, parameterInRecipe, quantize);
  if (quantize === 'uint8') {
    throw new OptionsError(
      `export: quantize must be 'float32' or 'float16' for layout: '${layout}', got 'uint8'. Pass quantize: 'float16' or layout: 'alexnet-ts'.`,
    );
  }
  if (layout === 'torchvision') checkTorchvision(layers, classCount(net));
  return oihwParameters(layers, net, PYTORCH_NAMES[layout], quantize);
}

/** Checks for the layers of torchvision's alexnet. The numbers of filters and units may differ. */
function checkTorchvision(layers: readonly ChainedLayer[], classes: number): void {
  const comparable = ({ name, layer }: ChainedLayer) =>
    JSON.stringify({
      ...layer,
      name,
      filters: undefined,
      units: undefined,
      bias: undefined,
      std: undefined,
    });
  const wanted = chain(torchvisionAlexNet(classes)).map(comparable);
  const got = layers.map(comparable);
  const wrong = [...wanted, ''].findIndex((layer, i) => layer !== (got[i] ?? ''));
  if (wrong < 0) return;
  throw new OptionsError(
    `export: the network must have the layers of torchvision's alexnet for layout: 'torchvision', got a difference at ${layers[wrong]?.name ?? 'its end'}. Pass layout: 'pytorch', which supports any network.`,
  );
}
