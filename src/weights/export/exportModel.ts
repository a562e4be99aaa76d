/** Exports a set of weights to a file of another framework. */
import { OptionsError, describe } from '../../errors';
import { ANY, CALLBACK, SIGNAL, checkOptions, rule, type Rules } from '../../platform/checkOptions';
import type { ConvertedTensor } from '../convert/conversionTable';
import type { CheckedManifest } from '../format/manifest';
import type { LoadProgress } from '../read/read';
import type { WeightsInput } from '../read/source';
import type { StoredTensor } from '../format/storedTensor';
import type { ManifestFacts } from '../save/write';
import { chain } from './exportedLayers';
import { onnx } from './onnx';
import type { ExportSink, ModelToExport, FileLayout } from './fileLayout';
import { safetensors } from './safetensors';
import { tfjs } from './tfjs';

/** A `.safetensors` file, an `.onnx` file, or a folder with a TensorFlow.js GraphModel. */
export type ExportFormat = 'safetensors' | 'onnx' | 'tfjs';

/** The progress of an export, in bytes: the phases of `load()`, then 'write'. */
export interface ExportProgress {
  phase: LoadProgress['phase'] | 'write';
  loaded: number;
  total: number;
}

/** Options of `exportModel`. */
export interface ExportOptions {
  /** The format to write. */
  format: ExportFormat;
  /**
   * How kernels are stored; ONNX and PyTorch's layouts do not support `uint8`. @default 'float32'
   */
  quantize?: 'float32' | 'float16' | 'uint8' | undefined;
  /**
   * The input of the ONNX or TensorFlow.js graph: `pixels` (red, green, blue from 0 to 255, which
   * the graph normalizes) or `prepared` (the mean is already subtracted, and the result divided by
   * the standard deviation if there is one). @default 'pixels'
   */
  input?: 'pixels' | 'prepared' | undefined;
  /**
   * The names and axes in a .safetensors file: `alexnet-ts` (`conv1.kernel`, HWIO), `pytorch`
   * (`conv1.weight`, OIHW), or `torchvision` (`features.0.weight`, OIHW), which requires the layers
   * of `torchvision.models.alexnet()`. @default 'alexnet-ts'
   */
  layout?: 'alexnet-ts' | 'pytorch' | 'torchvision' | undefined;
  /**
   * The set that a tuned model was trained from, if it was saved without its base's layers.
   * @default the shipped set
   */
  base?: WeightsInput | undefined;
  /** Called after each tensor: see `tableRow`. */
  onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
  /** Called with the progress, in bytes. */
  onProgress?: ((progress: ExportProgress) => void) | undefined;
  /** Stops with the signal's reason. The bytes that the sink has received are then unusable. */
  signal?: AbortSignal | undefined;
}

const RULES: Rules<ExportOptions> = {
  format: rule('safetensors, onnx or tfjs', () => true, { required: true }),
  quantize: ANY,
  input: ANY,
  layout: ANY,
  base: ANY,
  onTensor: CALLBACK,
  onProgress: CALLBACK,
  signal: SIGNAL,
};

const CHOICES = {
  format: ['safetensors', 'onnx', 'tfjs'],
  quantize: ['float32', 'float16', 'uint8'],
  input: ['pixels', 'prepared'],
  layout: ['alexnet-ts', 'pytorch', 'torchvision'],
} as const;

/**
 * Exports a set of weights as a file of another framework. `sink` receives the bytes in order, in
 * parts of a few megabytes. The file includes the labels, the preprocessing and the network, so
 * that `convert()` restores the same set from a .safetensors or .onnx file. Graphs have the outputs
 * `logits` and `probabilities`; docs/guide/export.md describes how to preprocess images for them.
 *
 * @throws OptionsError, before anything is written, if the format cannot store the network.
 * @throws WeightsError, before anything is written, if the set cannot be read; lists every problem.
 */
export async function exportModel(
  weights: WeightsInput,
  sink: ExportSink,
  options: ExportOptions,
): Promise<void> {
  checkOptions('exportModel', options, RULES);
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
        `exportModel: ${name} must be one of ${known.join(', ')}, got ${describe(value)}.`,
      );
  }
  const unused = format === 'safetensors' ? 'input' : 'layout';
  if (options[unused] !== undefined) {
    const why =
      unused === 'input'
        ? '.safetensors files have no graph with an input'
        : `only .safetensors files have a layout`;
    throw new OptionsError(
      `exportModel: ${unused} must not be set for ${format}: ${why}. Leave it out.`,
    );
  }
  if (base !== undefined) (await import('../read/source')).weightSource(base, 'base');
  // Imported here, because converting does not need the code that reads sets.
  const { openSet } = await import('../read/openSet');
  const { manifest, readWeights } = await openSet(weights, base, { signal, onProgress });
  const numbers = new Map<string, StoredTensor>();
  const model: ModelToExport = {
    net: manifest.net,
    layers: chain(manifest.net),
    facts: factsOf(manifest, quantize),
    take(name) {
      const stored = numbers.get(name)!;
      numbers.delete(name); // frees the memory once it is written
      return stored;
    },
  };
  const fileLayout = layoutOf(model, format, { quantize, input, layout });
  await readWeights((name, _shape, stored) => void numbers.set(name, stored));
  const onBytes = (loaded: number) =>
    onProgress?.({ phase: 'write', loaded, total: fileLayout.bytes });
  await fileLayout.write(sink, { signal, onTensor, onBytes });
}

type ResolvedExportOptions = Required<{
  [Key in 'quantize' | 'input' | 'layout']: NonNullable<ExportOptions[Key]>;
}>;

function layoutOf(
  model: ModelToExport,
  format: ExportFormat,
  options: ResolvedExportOptions,
): FileLayout {
  if (format === 'tfjs') return tfjs(model, options);
  return format === 'onnx' ? onnx(model, options) : safetensors(model, options);
}

/**
 * Returns the facts of the manifest, without those about its files, and without the accuracy if
 * values are rounded.
 */
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
