/**
 * `alexnet-ts/convert`: converts other frameworks' files, or tensors, to a set of weights that
 * `load()` reads, and exports a set to such files.
 * @module alexnet-ts/convert
 */
export { checkManifest, type Label, type Manifest } from '../format/manifest';
export { encode, type Encoded, type StoredType } from '../format/quantize';
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
export type { FileParts, FileTensor } from './fileReader';
export { tableHead, tableRow, type ConvertedTensor, type EncodeOptions } from './sourceModel';
export { readLabels } from './labels';
export { readPyTorch } from './pytorch';
export { convertRecipe, type Converted } from './recipe';
export { readSafetensors, type Safetensors } from './safetensors';
