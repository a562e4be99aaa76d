/**
 * What a file holds for each learnt tensor, known before a number of it is read; and writing them
 * one after the other.
 */
import { sizeOf, type Shape } from '../../layers/layer';
import type { ConvertedTensor } from '../convert/sourceModel';
import type { ManifestFacts } from '../save/write';
import type { Sequential } from '../../layers/sequential';
import type { StoredTensor } from '../format/storedTensor';
import type { Link } from './layerChain';

/** A model on its way into another framework's file. */
export interface Outgoing {
  net: Sequential;
  links: readonly Link[];
  /** What the file says beside its tensors. */
  facts: ManifestFacts;
  /** The numbers of `conv1/kernel`, handed over once. */
  take(parameter: string): StoredTensor;
}

const WIDTHS = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;

/** A tensor in the file. */
export interface Piece {
  /** In the file. */
  name: string;
  shape: Shape;
  type: keyof typeof WIDTHS;
  /** Its bytes, in parts, from the tensor of ours. */
  parts(stored: StoredTensor): Iterable<Uint8Array>;
}

/** What becomes of one tensor of ours. */
export interface Parameter {
  /** `conv1/kernel` */
  name: string;
  shape: Shape;
  /** How its axes are turned: `HWIO → OIHW`. */
  transposed: string;
  /** How the table calls it in the file. */
  exportedName: string;
  /** How the table says that it is stored. */
  as: string;
  pieces: readonly Piece[];
  /** Done once, before the pieces are written. */
  prepare?(stored: StoredTensor): StoredTensor;
}

export const bytesOf = ({ shape, type }: Piece): number => sizeOf(shape) * WIDTHS[type];

/** Of all tensors, without what stands before and between them. */
export const totalBytes = (parameters: readonly Parameter[]): number =>
  parameters.reduce(
    (sum, { pieces }) => pieces.reduce((own, piece) => own + bytesOf(piece), sum),
    0,
  );

export interface PieceEvents {
  /** Told of each tensor as it is done. */
  onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
  /** Told how many bytes of tensors are written. */
  onBytes?: ((bytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Takes the bytes of a file in order: `model.safetensors`, `model.onnx`, or the shards of a folder
 * one after the other and `model.json` at last.
 */
export type ExportSink = (path: string, bytes: Uint8Array) => Promise<void> | void;

/** A file or folder that can be written, once the numbers are there. */
export interface FileLayout {
  /** Of the tensors. */
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
