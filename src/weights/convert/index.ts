/**
 * `alexnet-ts/convert`: converts files of other frameworks, or tensors, to a set of weights that
 * `load()` reads, and exports a set to such files. @module alexnet-ts/convert
 */
export { convert, type ConvertOptions } from './convert';
export { readLabels } from './labels';
export { tableRow } from './conversionTable';
export { exportModel, type ExportOptions } from '../export/exportModel';
export type { Manifest } from '../format/manifest';
export { encode, encodeInt8 } from '../format/quantize';
export { indexModule, streamSet, writeSet } from '../save/write';
