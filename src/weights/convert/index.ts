/** `alexnet-ts/convert`: from tensors to a set of weights that `load()` reads. */
export { checkManifest, type Label, type Manifest, type Quantization, type Shard, type WeightEntry } from '../manifest';
export { encode, encodeCodes, encodeFloat16, encodeFloat32, encodeUint8, type Encoded, type StoredType } from '../quantize';
export { indexModule, writeSet, type ManifestFacts, type WriteOptions, type WrittenSet } from '../write';
export { convertRecipe, type Converted, type ConvertedTensor } from './recipe';
export type { FileParts, StoredTensor } from './fileParts';
export { readPyTorch } from './pytorch';
export { readSafetensors, type Safetensors } from './safetensors';
