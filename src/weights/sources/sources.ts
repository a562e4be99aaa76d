/**
 * The named sources: files with the weights of AlexNets that know ImageNet's 1000 classes. Their
 * licenses let anyone use them; this package does not contain them.
 */
import { OptionsError, describeJson, suggest } from '../../errors';
import { isRecord } from '../../platform/typeGuards';
import { CAFFE_MEAN } from '../convert/caffe';

/** The hash that a file must have. */
export interface ExpectedHash {
  algorithm: 'SHA-256' | 'SHA-1';
  /** In lowercase hexadecimal. */
  hex: string;
}

/** A file of weights with a name. */
export interface NamedSource {
  /** A description of the file. */
  about: string;
  /** The publisher's URL of the file. */
  address: string;
  /** Its size. Undefined if the publisher does not state it. */
  bytes?: number | undefined;
  hash: ExpectedHash;
  license: string;
  /** Accuracy on ImageNet's validation images as the publisher states it, as fractions. */
  published?: { top1: number; top5: number } | undefined;
  /** The network of a .caffemodel. */
  variant?: 'caffe' | 'caffenet' | undefined;
  /** Subtracted from red, green and blue. @default the converter's */
  mean?: readonly [number, number, number] | undefined;
}

const BVLC = 'http://dl.caffe.berkeleyvision.org';
const BVLC_LICENSE =
  'released for unrestricted use by the Berkeley Vision and Learning Center (BVLC)';

/**
 * The sources by name. `mean` is the average over the pixels of imagenet_mean.binaryproto (in
 * caffe_ilsvrc12.tar.gz, SHA-1 63e4652e656abc1e87b7a8339a7e02fca63a2c0c), which Caffe publishes as
 * numbers too. A set stores one mean per channel, so downloading these 17 MB would add nothing.
 */
export const SOURCES: Readonly<Record<string, NamedSource>> = {
  torchvision: {
    about: "torchvision's alexnet (one tower, no LRN), IMAGENET1K_V1",
    address: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
    bytes: 244_408_911,
    hash: {
      algorithm: 'SHA-256',
      hex: '7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02',
    },
    license: 'BSD-3-Clause (pytorch/vision)',
    published: { top1: 0.56522, top5: 0.79066 },
  },
  caffe: {
    about: "Caffe's bvlc_alexnet (two groups, LRN before pooling)",
    address: `${BVLC}/bvlc_alexnet.caffemodel`,
    hash: { algorithm: 'SHA-1', hex: '9116a64c0fbe4459d18f4bb6b56d647b63920377' },
    license: BVLC_LICENSE,
    published: { top1: 0.571, top5: 0.802 },
    variant: 'caffe',
    mean: CAFFE_MEAN,
  },
  caffenet: {
    about: "Caffe's bvlc_reference_caffenet (two groups, pooling before LRN)",
    address: `${BVLC}/bvlc_reference_caffenet.caffemodel`,
    hash: { algorithm: 'SHA-1', hex: '4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46' },
    license: BVLC_LICENSE,
    published: { top1: 0.574, top5: 0.804 },
    variant: 'caffenet',
    mean: CAFFE_MEAN,
  },
};

/** Returns the source with this name, or undefined. */
export const sourceNamed = (
  name: string,
  sources: Readonly<Record<string, NamedSource>> = SOURCES,
): NamedSource | undefined => (Object.hasOwn(sources, name) ? sources[name] : undefined);

/**
 * Adds sources from JSON to those of this module. Each has a name, an `address`, a `sha256` or
 * `sha1`, and the other properties of {@link NamedSource}. Missing properties are taken from the
 * source of the same name, if there is one.
 *
 * @throws OptionsError for JSON of another structure.
 */
export function readSources(json: unknown, where: string): Record<string, NamedSource> {
  const refuse = (problem: string) => new OptionsError(`${where}: ${problem}`);
  if (!isRecord(json)) throw refuse(`must be an object of sources, got ${describeJson(json)}.`);
  const sources: Record<string, NamedSource> = { ...SOURCES };
  for (const [name, entry] of Object.entries(json)) {
    if (!/^[\w-]+$/.test(name))
      throw refuse(`names must consist of letters, digits, _ and -, got ${describeJson(name)}.`);
    if (!isRecord(entry))
      throw refuse(`${name} must be { "address", "sha256" }, got ${describeJson(entry)}.`);
    const known = sourceNamed(name);
    const { sha256, sha1, ...others } = entry;
    const hash: unknown =
      sha256 !== undefined
        ? { algorithm: 'SHA-256', hex: sha256 }
        : sha1 !== undefined
          ? { algorithm: 'SHA-1', hex: sha1 }
          : known?.hash;
    const replaced = sha256 !== undefined || sha1 !== undefined || others.address !== undefined;
    const merged: Record<string, unknown> = {
      ...{ about: name, license: 'unknown' },
      ...known,
      ...(replaced && { bytes: undefined, published: undefined }),
      ...others,
      hash,
    };
    const allowed = ['about', 'address', 'bytes', 'license', 'published', 'variant', 'mean'];
    const unknown = Object.keys(others).find((key) => !allowed.includes(key));
    if (unknown !== undefined)
      throw refuse(`${name} has an unknown property "${unknown}". ${suggest(unknown, allowed)}`);
    if (typeof merged.address !== 'string')
      throw refuse(`${name} must have an "address", got ${describeJson(merged.address)}.`);
    const { algorithm, hex } = (hash ?? {}) as Partial<ExpectedHash>;
    if (
      typeof hex !== 'string' ||
      !(algorithm === 'SHA-1' ? /^[\da-f]{40}$/ : /^[\da-f]{64}$/).test(hex)
    )
      throw refuse(
        `${name} must have a "sha256" of 64 or a "sha1" of 40 hexadecimal digits, got ${describeJson(hex)}.`,
      );
    sources[name] = merged as unknown as NamedSource;
  }
  return sources;
}
