/**
 * The layout of an exported file, which is known before any weights are read. Writes its tensors in
 * order.
 */
import { sizeOf, type Shape } from '../../layers/layer';
import type { ConvertedTensor } from '../convert/conversionTable';
import type { ManifestFacts } from '../save/write';
import type { Sequential } from '../../layers/sequential';
import type { StoredTensor } from '../format/storedTensor';
import type { ChainedLayer } from './exportedLayers';

/** The model to export. */
export interface ModelToExport {
  net: Sequential;
  layers: readonly ChainedLayer[];
  /** The facts that the file stores in addition to its tensors. */
  facts: ManifestFacts;
  /** Returns the values of a parameter, `conv1/kernel`. Can be called once per parameter. */
  take(parameter: string): StoredTensor;
}

const WIDTHS = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;

/** A tensor in the file. */
export interface ExportedTensor {
  /** The name in the file. */
  name: string;
  shape: Shape;
  type: keyof typeof WIDTHS;
  /** Yields its bytes, in parts, from the set's tensor. */
  parts(stored: StoredTensor): Iterable<Uint8Array>;
}

/** How one parameter of the network is exported. */
export interface Parameter {
  /** `conv1/kernel` */
  name: string;
  shape: Shape;
  /** How its axes are transposed: `HWIO → OIHW`. Empty if they are not. */
  transposed: string;
  /** The name in the file, for the table. */
  exportedName: string;
  /** How it is stored, for the table. */
  as: string;
  tensors: readonly ExportedTensor[];
  /** Called once, before the tensors are written. */
  prepare?(stored: StoredTensor): StoredTensor;
}

export const bytesOf = ({ shape, type }: ExportedTensor): number => sizeOf(shape) * WIDTHS[type];

/** Returns the size of all tensors in bytes, without headers. */
export const totalBytes = (parameters: readonly Parameter[]): number =>
  parameters.reduce(
    (sum, { tensors }) => tensors.reduce((subtotal, tensor) => subtotal + bytesOf(tensor), sum),
    0,
  );

export interface WriteEvents {
  /** Called after each tensor. */
  onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
  /** Called with the number of bytes of tensors that have been written. */
  onBytes?: ((bytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Receives the bytes of each file in order: `model.safetensors`, `model.onnx`, or for a folder the
 * shards, then `model.json`.
 */
export type ExportSink = (path: string, bytes: Uint8Array) => Promise<void> | void;

/** A file or folder that can be written once the weights have been read. */
export interface FileLayout {
  /** Size of the tensors. */
  bytes: number;
  write(sink: ExportSink, events: WriteEvents): Promise<void>;
}

/** The arguments of `writeTensors`. */
export interface TensorWriting {
  model: Pick<ModelToExport, 'take'>;
  parameters: readonly Parameter[];
  put(bytes: Uint8Array): Promise<void> | void;
  events: WriteEvents;
  /** Returns the bytes that precede a tensor. @default none */
  headerOf?(tensor: ExportedTensor): Uint8Array;
}

/** Writes the bytes of all tensors in order. */
export async function writeTensors({
  model,
  parameters,
  put,
  events: { onTensor, onBytes, signal },
  headerOf,
}: TensorWriting): Promise<void> {
  let written = 0;
  for (const { name, shape, transposed, exportedName, as, tensors, prepare } of parameters) {
    const given = model.take(name);
    const stored = prepare ? prepare(given) : given;
    for (const tensor of tensors) {
      if (headerOf) await put(headerOf(tensor));
      for (const part of tensor.parts(stored)) {
        signal?.throwIfAborted();
        await put(part);
        onBytes?.((written += part.length));
      }
    }
    onTensor?.({ from: exportedName, to: name, shape, transposed, as });
  }
}
