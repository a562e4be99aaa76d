/**
 * Writes .safetensors: as this library reads it, or with the names and axes that PyTorch's
 * `load_state_dict` wants.
 */
import { torchvisionAlexNet } from '../../alexnet';
import { OptionsError } from '../../errors';
import { RECIPE, PYTORCH_NAMES, type Layout } from '../convert/alexnetMetadata';
import { parameterInRecipe } from '../convert/recipe';
import { classCount } from '../format/manifest';
import { chain, type Link } from './layerChain';
import { hwioParameters, oihwParameters } from './parameters';
import {
  bytesOf,
  totalBytes,
  writePieces,
  type Outgoing,
  type Parameter,
  type FileLayout,
} from './fileLayout';

export interface SafetensorsOptions {
  quantize: 'float32' | 'float16' | 'uint8';
  layout: Layout;
}

const DTYPES = { float32: 'F32', float16: 'F16', int8: 'I8', uint8: 'U8' } as const;

/**
 * The length of the header, the header as JSON with dtype, shape and place of each tensor, then
 * their bytes.
 */
export function safetensors(outgoing: Outgoing, options: SafetensorsOptions): FileLayout {
  const parameters = parametersOf(outgoing, options);
  const { layout } = options;
  const about = JSON.stringify(
    layout === 'alexnet-ts' ? outgoing.facts : { ...outgoing.facts, layout },
  );
  const header: Record<string, unknown> = {
    __metadata__: { format: layout === 'alexnet-ts' ? 'alexnet-ts' : 'pt', [RECIPE]: about },
  };
  let at = 0;
  for (const piece of parameters.flatMap(({ pieces }) => pieces)) {
    header[piece.name] = {
      dtype: DTYPES[piece.type],
      shape: piece.shape,
      data_offsets: [at, (at += bytesOf(piece))],
    };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8; // so that the tensors begin where any number may
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return {
    bytes: totalBytes(parameters),
    async write(sink, events) {
      const put = (bytes: Uint8Array) => sink('model.safetensors', bytes);
      await put(head);
      await writePieces({ outgoing, parameters, put, events });
    },
  };
}

function parametersOf(
  { net, links }: Outgoing,
  { quantize, layout }: SafetensorsOptions,
): Parameter[] {
  if (layout === 'alexnet-ts') return hwioParameters(net, parameterInRecipe, quantize);
  if (quantize === 'uint8') {
    throw new OptionsError(
      `export: PyTorch's modules have no place for uint8 with a factor for each output. Pass quantize: 'float16', or layout: 'alexnet-ts'.`,
    );
  }
  if (layout === 'torchvision') checkTorchvision(links, classCount(net));
  return oihwParameters(links, net, PYTORCH_NAMES[layout], quantize);
}

/** torchvision's alexnet has these layers, in widths of its own; a narrower one is called alike. */
function checkTorchvision(links: readonly Link[], classes: number): void {
  const said = ({ name, layer }: Link) =>
    JSON.stringify({
      ...layer,
      name,
      filters: undefined,
      units: undefined,
      bias: undefined,
      std: undefined,
    });
  const wanted = chain(torchvisionAlexNet(classes)).map(said);
  const got = links.map(said);
  const wrong = [...wanted, ''].findIndex((layer, i) => layer !== (got[i] ?? ''));
  if (wrong < 0) return;
  throw new OptionsError(
    `export: this is not torchvision's alexnet: it differs at ${links[wrong]?.name ?? 'its end'}. Pass layout: 'pytorch', which takes any network.`,
  );
}
