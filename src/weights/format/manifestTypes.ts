/** The types of model.json, the manifest of a set of weights, and the sizes that it states. */
import { sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from './preprocessing';
import type { BaseReference, TuningRecord } from './tuning';

/** One class of a network. */
export interface Label {
  /** The name that `classify` returns: `goldfish`. */
  label: string;
  /** The WordNet id, `n01443537`; the label itself for classes that you defined. */
  id: string;
}

/**
 * How the values of one tensor are quantized. The decoded value is
 * `(stored · scale + min) · channelScale[index of the last axis]`.
 */
export interface Quantization {
  /** In sets of formatVersion 2 also uint4. */
  dtype: 'uint4' | 'uint8' | 'uint16' | 'float16';
  /** @default 1 */
  scale?: number;
  /** @default 0 */
  min?: number;
  /**
   * The name of a float32 tensor of the set with one factor for each index of the last axis.
   * TensorFlow.js' own reader ignores it.
   */
  channelScale?: string;
}

/** One tensor: TensorFlow.js' `WeightsManifestEntry` plus `channelScale`. */
export interface WeightEntry {
  name: string;
  shape: Shape;
  dtype: 'float32';
  quantization?: Quantization;
}

/** One stored file. */
export interface Shard {
  /** Relative to model.json. */
  path: string;
  /** Size as stored. */
  bytes: number;
  /** SHA-256 of the stored bytes, in hexadecimal. */
  sha256: string;
  /** For a `.gz`: the inflated file, because some servers and browsers inflate it in transit. */
  inflated?: { bytes: number; sha256: string };
}

/** Measured accuracy, as fractions, with the images and the command that it was measured with. */
export interface MeasuredAccuracy {
  top1: number;
  top5: number;
  /** The number of images. */
  images: number;
  /** The name of the images: `Tiny ImageNet validation`. */
  on: string;
  command: string;
}

/**
 * The contents of model.json. `weightsManifest` is TensorFlow.js' format: the tensors are stored
 * one after the other in the concatenated files of `paths`.
 */
export interface Manifest {
  format: 'alexnet-ts';
  /** 2 for sets with tensors of uint4, which earlier versions of this library reject. */
  formatVersion: 1 | 2;
  /** The name of the set: `imagenet-293`. */
  name: string;
  /** `paper`, `caffe`, `caffenet`, `torchvision`, or the name of a custom network. */
  variant: string;
  /** The layers with their options, as `layer.toJSON()` returns them. */
  network: LayerJSON;
  labels: readonly Label[];
  preprocessing: Preprocessing;
  shards: readonly Shard[];
  weightsManifest: readonly { paths: readonly string[]; weights: readonly WeightEntry[] }[];
  license?: string;
  /** Where the weights come from, as text. */
  provenance?: string;
  /** Accuracy on the center crop and, where measured, on the paper's ten crops. */
  accuracy?: MeasuredAccuracy & { tenCrops?: MeasuredAccuracy; photographs?: MeasuredAccuracy };
  /** The set that provides the layers that are not stored in this one. */
  base?: BaseReference;
  /** How a tuned model was trained. */
  tuning?: TuningRecord;
}

/** A validated manifest with its network. */
export interface CheckedManifest extends Manifest {
  net: Sequential;
}

/** Returns the size of one tensor as stored, before gzip, in bytes. */
export const storedBytes = ({ shape, quantization }: WeightEntry): number =>
  Math.ceil((sizeOf(shape) * +(quantization?.dtype ?? 'float32').replace(/\D+/, '')) / 8); // its number of bits

/** Returns the size of a shard after inflating, in bytes. */
export const inflatedBytes = (shard: Shard): number => shard.inflated?.bytes ?? shard.bytes;
