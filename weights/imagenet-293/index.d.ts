/** The addresses of the files of imagenet-293, for `load({ weights })`. */
import type { WeightSet } from 'alexnet-ts';

declare const set: WeightSet;
export default set;
