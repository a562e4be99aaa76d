/** `alexnet-ts/convert`: from other frameworks' files, or from tensors, to a set of weights that `load()` reads; and from a set to such files. @module alexnet-ts/convert */
export {
  checkManifest,
  type Label,
  type Manifest,
  type Quantization,
  type Shard,
  type WeightEntry,
} from '../format/manifest';
export {
  encode,
  encodeInt8,
  encodeFloat16,
  encodeFloat32,
  encodeUint8,
  type Encoded,
  type StoredType,
} from '../format/quantize';
export {
  exportModel,
  type ExportFormat,
  type ExportOptions,
  type ExportProgress,
} from '../export/exportModel';
export type { ExportSink } from '../export/fileLayout';
export {
  indexModule,
  streamSet,
  writeSet,
  type ManifestFacts,
  type Tensors,
  type WriteOptions,
  type WrittenSet,
} from '../save/write';
export { readCaffeMean } from './caffe';
export { convert, type ConvertOptions } from './convert';
export type { FileParts, StoredTensor } from './fileReader';
export { tableHead, tableRow, type ConvertedTensor, type EncodeOptions } from './sourceModel';
export { readLabels } from './labels';
export { readPyTorch } from './pytorch';
export { convertRecipe, type Converted } from './recipe';
export { readSafetensors, type Safetensors } from './safetensors';
