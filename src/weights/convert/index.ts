/**
 * `alexnet-ts/convert`: converts files of other frameworks, or tensors, to a set of weights that
 * `load()` reads, and exports a set to such files. @module alexnet-ts/convert
 */
export { convert, type ConvertOptions } from './convert';
export { readLabels } from './labels';
export { tableRow } from './sourceModel';
export { exportModel, type ExportFormat, type ExportOptions } from '../export/exportModel';
export type { Manifest } from '../format/manifest';
export { encode, encodeInt8, type StoredType } from '../format/quantize';
export {
  indexModule,
  streamSet,
  writeSet,
  type ManifestFacts,
  type Tensors,
  type WriteOptions,
  type WrittenSet,
} from '../save/write';
