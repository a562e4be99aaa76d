/** kept: a tensor put aside as it was stored, to be had as floats later. */
import { floatsOf, type Stored } from '../../weights/format/storedTensor';

export const kept = (stored: Stored) => (): Float32Array => floatsOf(stored).slice();
