/** Checks the options of `convert()`, and those that `load()` passes to it. */
import { CALLBACK, checkOptions, oneOf, rule, type Rules } from '../../platform/checkOptions';
import { isPlain } from '../../platform/typeGuards';
import type { ConvertSettings } from '../sources/convertSettings';
import type { ConvertOptions } from './convert';

const FACTS: Rules<Omit<ConvertSettings, 'quantize'>> = {
  labels: rule(
    'a list of { label, id }',
    (labels: unknown) =>
      Array.isArray(labels) &&
      labels.every(
        (one) => isPlain(one) && typeof one.label === 'string' && typeof one.id === 'string',
      ),
  ),
  mean: rule(
    'three finite numbers, for red, green and blue',
    (mean: unknown) => Array.isArray(mean) && mean.length === 3 && mean.every(Number.isFinite),
  ),
  variant: oneOf('caffe', 'caffenet'),
  channels: oneOf('rgb', 'bgr'),
  name: rule('a string', (name) => typeof name === 'string'),
};
const TYPES = ['float32', 'float16', 'uint8', 'uint4'] as const;

/** @throws OptionsError for an option of `load({ convert })` that is out of range. */
export const checkConvertSettings = (settings: ConvertSettings): void =>
  checkOptions('load: convert', settings, { ...FACTS, quantize: oneOf(...TYPES, false) });

/** @throws OptionsError for an option of `convert()` that is out of range. */
export const checkConvertOptions = (options: ConvertOptions): void =>
  checkOptions('convert', options, {
    ...FACTS,
    quantize: oneOf(...TYPES),
    onTensor: CALLBACK,
    onNote: CALLBACK,
  });
