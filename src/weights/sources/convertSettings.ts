/** How `load()` and the command line convert a file of weights. */
import type { ConvertOptions } from '../convert/convert';
import type { StoredType } from '../format/quantize';

/** What a file of weights does not say, and how its converted set is stored. */
export interface ConvertSettings extends Pick<
  ConvertOptions,
  'labels' | 'mean' | 'variant' | 'channels' | 'name'
> {
  /**
   * How kernels are stored: one of the types of a set, or false for the file's own precision.
   * @default 'uint8': a factor per output channel and 8 bits per weight
   */
  quantize?: StoredType | false | undefined;
}

/** Progress of getting a file and converting it, in bytes of the file. */
export interface ConvertProgress {
  phase: 'download' | 'convert';
  loaded: number;
  total: number;
}
