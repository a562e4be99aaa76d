/** kept: a tensor put aside as it was stored, to be had as floats later. */
import { dequantize, type StoredTensor } from '../../weights/format/storedTensor';

export const kept = (stored: StoredTensor) => (): Float32Array => dequantize(stored).slice();
