/** The addresses of the files of tiny-imagenet-200, for `load({ weights })`. */
import type { WeightSet } from 'alexnet-ts';

declare const set: WeightSet;
export default set;
