/** Command-line options that several commands share, and parsers of their values. */
import { InvalidArgumentError, Option } from 'commander';
import type { CropKind } from '../preprocessing/crop';
import { SOURCES } from '../weights/sources/sources';

export const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be an integer of at least 1.');
  return value;
};

export const integer = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value))
    throw new InvalidArgumentError('It must be an integer.');
  return value;
};

export const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

export const fraction = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It must be at least 0 and below 1, such as 0.15.');
  return value;
};

/** Accepts 'centre' as an alias of 'center'. */
const cropKind = (text: string): CropKind => {
  const kind = text === 'centre' ? 'center' : text;
  if (kind !== 'center' && kind !== 'ten')
    throw new InvalidArgumentError('Allowed choices are center, ten.');
  return kind;
};

/** The named sources, for help texts. */
export const SOURCE_NAMES = Object.keys(SOURCES).join(', ');

export const weights = () =>
  new Option(
    '--weights <weights>',
    `weights other than the shipped ones: ${SOURCE_NAMES}, or a model.json, .pth, .safetensors, .caffemodel or .onnx, a path or a URL`,
  );
export const base = () =>
  new Option(
    '--base <weights>',
    'the set that fine-tuned weights are based on, if not the shipped one',
  );
export const cache = () =>
  new Option(
    '--cache <folder>',
    "where downloads and converted sets are kept (default: ALEXNET_CACHE, else the user's cache folder)",
  );
export const from = () =>
  new Option(
    '--from <mirror>',
    `with ${SOURCE_NAMES}: a path or URL to get the file from instead; its hash is checked`,
  );
export const crops = () =>
  new Option(
    '--crops <crops>',
    'center: one center crop; ten: the mean over the ten crops of the paper',
  )
    .choices(['center', 'ten'])
    .argParser(cropKind)
    .default('center');
export const backend = () =>
  new Option('--backend <name>', 'the backend to compute on')
    .choices(['auto', 'wasm', 'cpu'])
    .default('auto');
export const precision = (initial: string) =>
  new Option(
    '--precision <name>',
    'precision of the convolutions on wasm: int8 is faster on some machines, auto uses the faster one',
  )
    .choices(['auto', 'float32', 'int8'])
    .default(initial);
export const json = () => new Option('--json', 'print JSON');
