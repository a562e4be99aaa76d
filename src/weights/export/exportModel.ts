/** exportModel: from a set of weights to a file of another framework. */
import { OptionsError, describe } from '../../errors';
import type { ConvertedTensor } from '../convert/sourceModel';
import type { CheckedManifest } from '../format/manifest';
import type { LoadProgress } from '../read/read';
import type { WeightsInput } from '../read/source';
import type { StoredTensor } from '../format/storedTensor';
import type { ManifestFacts } from '../save/write';
import { chain } from './layerChain';
import { onnx } from './onnx';
import type { ExportSink, Outgoing, FileLayout } from './fileLayout';
import { safetensors } from './safetensors';
import { tfjs } from './tfjs';

/**
 * What can be written: a `.safetensors` file, an `.onnx` file, or the folder of a TensorFlow.js
 * GraphModel.
 */
export type ExportFormat = 'safetensors' | 'onnx' | 'tfjs';

/** What an export is doing, in bytes: those of `load()` first, then 'write'. */
export interface ExportProgress {
  phase: LoadProgress['phase'] | 'write';
  loaded: number;
  total: number;
}

/** What is written, and how. */
export interface ExportOptions {
  /** What to write. */
  format: ExportFormat;
  /** How kernels are stored; ONNX and PyTorch's layouts know no `uint8`. @default 'float32' */
  quantize?: 'float32' | 'float16' | 'uint8' | undefined;
  /**
   * What the graph of ONNX and TensorFlow.js takes: `pixels`, red, green, blue from 0 to 255 as
   * they are, of which it subtracts the mean itself; or `prepared`, less the mean and divided by
   * the deviation already. @default 'pixels'
   */
  input?: 'pixels' | 'prepared' | undefined;
  /**
   * Of .safetensors: names and axes as `alexnet-ts` has them (`conv1.kernel`, HWIO), as `pytorch`
   * has them under our names of layers (`conv1.weight`, OIHW), or as `torchvision.models.alexnet()`
   * has them (`features.0.weight`), if the network is that. @default 'alexnet-ts'
   */
  layout?: 'alexnet-ts' | 'pytorch' | 'torchvision' | undefined;
  /**
   * For a tuned model that was saved without its base's layers: the set that it was tuned from.
   * @default the shipped set
   */
  base?: WeightsInput | undefined;
  /** Told of each tensor as it is done: see `tableRow`. */
  onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
  /** Told how far it is, in bytes. */
  onProgress?: ((progress: ExportProgress) => void) | undefined;
  /** Stops with the signal's reason; what the sink was given is of no use then. */
  signal?: AbortSignal | undefined;
}

const CHOICES = {
  format: ['safetensors', 'onnx', 'tfjs'],
  quantize: ['float32', 'float16', 'uint8'],
  input: ['pixels', 'prepared'],
  layout: ['alexnet-ts', 'pytorch', 'torchvision'],
} as const;

/**
 * Writes a set of weights, the whole network, as a file of another framework. `sink` is given the
 * bytes in parts of some megabytes, in order. Labels, preprocessing and the network itself go with
 * it, so that `convert()` makes the same set of a .safetensors or .onnx file again. Both `logits`
 * and `probabilities` come out of the graphs; docs/guide/export.md tells how pictures are made
 * ready for them.
 *
 * @throws OptionsError for what the format cannot hold, before anything is written.
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it,
 * before anything is written.
 */
export async function exportModel(
  weights: WeightsInput,
  sink: ExportSink,
  options: ExportOptions,
): Promise<void> {
  const {
    format,
    quantize = 'float32',
    input = 'pixels',
    layout = 'alexnet-ts',
    base,
    onTensor,
    onProgress,
    signal,
  } = options;
  for (const [name, value] of Object.entries({ format, quantize, input, layout })) {
    const known: readonly string[] = CHOICES[name as keyof typeof CHOICES];
    if (!known.includes(value))
      throw new OptionsError(
        `exportModel: ${name} is one of ${known.join(', ')}, got ${describe(value)}.`,
      );
  }
  const unused = format === 'safetensors' ? 'input' : 'layout';
  if (options[unused] !== undefined) {
    const why =
      unused === 'input'
        ? '.safetensors holds no graph that pixels could go into'
        : `only .safetensors has it`;
    throw new OptionsError(
      `exportModel: ${unused} does nothing for ${format}: ${why}. Leave it out.`,
    );
  }
  const { openSet } = await import('../read/openSet'); // so that converting alone needs nothing of what reads sets
  const { manifest, readWeights } = await openSet(weights, base, { signal, onProgress });
  const numbers = new Map<string, StoredTensor>();
  const outgoing: Outgoing = {
    net: manifest.net,
    links: chain(manifest.net),
    facts: factsOf(manifest, quantize),
    take(name) {
      const stored = numbers.get(name)!;
      numbers.delete(name); // what is written may be forgotten
      return stored;
    },
  };
  const fileLayout = layoutOf(outgoing, format, { quantize, input, layout });
  await readWeights((name, _shape, stored) => void numbers.set(name, stored));
  const onBytes = (loaded: number) =>
    onProgress?.({ phase: 'write', loaded, total: fileLayout.bytes });
  await fileLayout.write(sink, { signal, onTensor, onBytes });
}

type ResolvedExportOptions = Required<{
  [Key in 'quantize' | 'input' | 'layout']: NonNullable<ExportOptions[Key]>;
}>;

function layoutOf(
  outgoing: Outgoing,
  format: ExportFormat,
  options: ResolvedExportOptions,
): FileLayout {
  if (format === 'tfjs') return tfjs(outgoing, options);
  return format === 'onnx' ? onnx(outgoing, options) : safetensors(outgoing, options);
}

/** All that the set says beside its tensors; its accuracy, unless the numbers are rounded. */
function factsOf(manifest: CheckedManifest, quantize: string): ManifestFacts {
  const {
    format: _format,
    formatVersion: _version,
    shards: _shards,
    weightsManifest: _weights,
    net: _net,
    base: _base,
    ...facts
  } = manifest;
  const { accuracy: _accuracy, ...others } = facts;
  return quantize === 'float32' ? facts : others;
}
