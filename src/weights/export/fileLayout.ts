/**
 * The layout of an exported file, which is known before any weights are read, and the writing of
 * its tensors in order.
 */
import { sizeOf, type Shape } from '../../layers/layer';
import type { ConvertedTensor } from '../convert/sourceModel';
import type { ManifestFacts } from '../save/write';
import type { Sequential } from '../../layers/sequential';
import type { StoredTensor } from '../format/storedTensor';
import type { Link } from './layerChain';

/** The model to export. */
export interface Outgoing {
  net: Sequential;
  links: readonly Link[];
  /** What the file stores in addition to its tensors. */
  facts: ManifestFacts;
  /** Returns the values of a parameter, `conv1/kernel`. Can be called once for each. */
  take(parameter: string): StoredTensor;
}

const WIDTHS = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;

/** A tensor in the file. */
export interface Piece {
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
  pieces: readonly Piece[];
  /** Called once, before the pieces are written. */
  prepare?(stored: StoredTensor): StoredTensor;
}

export const bytesOf = ({ shape, type }: Piece): number => sizeOf(shape) * WIDTHS[type];

/** Returns the size of all tensors in bytes, without headers. */
export const totalBytes = (parameters: readonly Parameter[]): number =>
  parameters.reduce(
    (sum, { pieces }) => pieces.reduce((subtotal, piece) => subtotal + bytesOf(piece), sum),
    0,
  );

export interface PieceEvents {
  /** Called after each tensor. */
  onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
  /** Called with the number of bytes of tensors that have been written. */
  onBytes?: ((bytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Receives the bytes of each file in order: `model.safetensors`, `model.onnx`, or the shards of a
 * folder one after the other, then `model.json`.
 */
export type ExportSink = (path: string, bytes: Uint8Array) => Promise<void> | void;

/** A file or folder that can be written once the weights have been read. */
export interface FileLayout {
  /** Size of the tensors. */
  bytes: number;
  write(sink: ExportSink, events: PieceEvents): Promise<void>;
}

/** What `writePieces` writes, and where. */
export interface PieceWriting {
  outgoing: Pick<Outgoing, 'take'>;
  parameters: readonly Parameter[];
  put(bytes: Uint8Array): Promise<void> | void;
  events: PieceEvents;
  /** Returns the bytes that precede a piece. @default none */
  headerOf?(piece: Piece): Uint8Array;
}

/** Writes the bytes of all pieces in order. */
export async function writePieces({
  outgoing,
  parameters,
  put,
  events: { onTensor, onBytes, signal },
  headerOf,
}: PieceWriting): Promise<void> {
  let written = 0;
  for (const { name, shape, transposed, exportedName, as, pieces, prepare } of parameters) {
    const given = outgoing.take(name);
    const stored = prepare ? prepare(given) : given;
    for (const piece of pieces) {
      if (headerOf) await put(headerOf(piece));
      for (const part of piece.parts(stored)) {
        signal?.throwIfAborted();
        await put(part);
        onBytes?.((written += part.length));
      }
    }
    onTensor?.({ from: exportedName, to: name, shape, transposed, as });
  }
}
