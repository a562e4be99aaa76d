/**
 * The feature pass: runs images through the frozen layers once, in batches, and keeps the outputs.
 */
import type { LoadedNetwork } from '../../engines/engine';
import { checkFinite, forward } from '../../engines/forward';
import { TfjsEngine } from '../../engines/tfjs/tfjsEngine';
import { OptionsError } from '../../errors';
import { random } from '../../layers/init';
import { sizeOf } from '../../layers/layer';
import { createYielder } from '../../platform/yieldToPage';
import { preprocess } from '../../preprocessing/preprocess';
import type { Preprocessing } from '../../weights/format/preprocessing';
import { centralSquare, cutView, drawView, type Augmentation } from '../dataset/augment';
import { ColorStatistics, type PrincipalColors } from '../dataset/colorPca';
import type { DatasetProblem, Example } from '../dataset/dataset';
import { decodeExample, exampleName } from '../dataset/imageData';
import { mixedSeed } from '../loop/seeds';
import { Features } from './features';
import { retryOnContextLoss, type Recover } from './recovery';

/** Views that run through the network in one batch. */
const BATCH = 16;

/** The principal colors are those of this many images, evenly spaced among all. */
const COLOR_SAMPLE = 100;

/** A network that computes features. */
export interface FeatureNetwork {
  /** Returns the network on its current backend. */
  current(): LoadedNetwork;
  preprocessing: Preprocessing;
  /** Moves the network to WASM after a lost WebGL context. */
  recover?: Recover | undefined;
}

export interface FeaturePassOptions {
  /** The last frozen layer. */
  upTo: string;
  /** Random views of each image, in addition to its center. */
  views: number;
  augmentation: Augmentation;
  /** Whether an example gets random views: those for validation do not. @default all do */
  augmented?: (index: number) => boolean;
  seed: number;
  onImage?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface FeaturePass {
  features: Features;
  /** The index of the example of each row of the features. */
  examples: number[];
  /** Images that could not be read. */
  problems: DatasetProblem[];
}

/** One input of the network: a view of an example. */
interface ViewInput {
  example: number;
  /** The number of views of this example. */
  count: number;
  input: Float32Array;
}

/**
 * Runs each image through the layers up to `upTo`. Images that cannot be read are left out and
 * listed in `problems`.
 */
export async function featurePass(
  network: FeatureNetwork,
  examples: readonly Example[],
  options: FeaturePassOptions,
): Promise<FeaturePass> {
  const { upTo, views, signal } = options;
  const { preprocessing } = network;
  const length = sizeOf(network.current().net.shapes()[upTo]!);
  const features = new Features(length, examples.length * (views + 1));
  const pass: FeaturePass = { features, examples: [], problems: [] };
  const yieldIfDue = createYielder();
  let row = new Float32Array(0);
  let filled = 0;
  for await (const batch of batches(viewInputs(examples, preprocessing, options, pass.problems))) {
    signal?.throwIfAborted();
    const outputs = await runBatch(
      network,
      batch.map(({ input }) => input),
      { upTo },
    );
    for (const [i, { example, count }] of batch.entries()) {
      if (filled === 0) row = new Float32Array(count * length);
      row.set(outputs[i]!, filled++ * length);
      if (filled < count) continue;
      features.add(examples[example]!.label, exampleName(examples[example]!, example), row);
      pass.examples.push(example);
      filled = 0;
    }
    await yieldIfDue();
  }
  return pass;
}

/** Yields the views of each image: its center first, then random ones. */
async function* viewInputs(
  examples: readonly Example[],
  preprocessing: Preprocessing,
  options: FeaturePassOptions,
  problems: DatasetProblem[],
): AsyncGenerator<ViewInput, void, void> {
  const { views, augmentation, augmented = () => true, seed, onImage, signal } = options;
  const colors =
    views > 0 && augmentation.color !== 0
      ? await principalColors(
          examples.filter((_, i) => augmented(i)),
          preprocessing,
          signal,
        )
      : undefined;
  const yieldIfDue = createYielder();
  for (const [example, labeled] of examples.entries()) {
    const pixels = await decodeExample(labeled, example, problems, signal);
    if (pixels) {
      const count = augmented(example) ? 1 + views : 1;
      yield { example, count, input: preprocess(pixels, preprocessing, 'center') };
      if (count > 1) {
        const square = centralSquare(pixels, preprocessing);
        const uniform = random(mixedSeed(seed, 0xa06, example));
        for (let view = 1; view < count; view++) {
          const drawn = drawView(uniform, preprocessing, augmentation, colors);
          yield { example, count, input: cutView(square, drawn, preprocessing) };
        }
      }
    }
    onImage?.(example + 1, examples.length);
    await yieldIfDue();
  }
}

async function* batches<T>(items: AsyncIterable<T>): AsyncGenerator<T[], void, void> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Returns the principal colors of a sample of the images. */
async function principalColors(
  examples: readonly Example[],
  preprocessing: Preprocessing,
  signal: AbortSignal | undefined,
): Promise<PrincipalColors> {
  const statistics = new ColorStatistics();
  const every = Math.max(1, Math.ceil(examples.length / COLOR_SAMPLE));
  const yieldIfDue = createYielder();
  for (let i = 0; i < examples.length; i += every) {
    const pixels = await decodeExample(examples[i]!, i, [], signal);
    if (pixels) statistics.add(centralSquare(pixels, preprocessing));
    await yieldIfDue();
  }
  return statistics.principalColors();
}

/**
 * Computes the features of a later layer from those of an earlier one, for all views of all images.
 */
export async function advanceFeatures(
  network: FeatureNetwork,
  features: Features,
  { after, upTo, signal }: { after: string; upTo: string; signal?: AbortSignal | undefined },
): Promise<Features> {
  if (after === upTo) return features;
  const length = sizeOf(network.current().net.shapes()[upTo]!);
  const views = features.rows.reduce((sum, _, image) => sum + features.viewsOf(image), 0);
  const advanced = new Features(length, views);
  const yieldIfDue = createYielder();
  for (const [image, { class: label, name }] of features.rows.entries()) {
    signal?.throwIfAborted();
    const inputs = Array.from({ length: features.viewsOf(image) }, (_, view) => {
      const input = new Float32Array(features.length);
      features.read(image, view, input);
      return input;
    });
    const row = new Float32Array(inputs.length * length);
    const outputs = await runBatch(network, inputs, { after, upTo });
    outputs.forEach((output, view) => row.set(output, view * length));
    advanced.add(label, name, row);
    await yieldIfDue();
  }
  return advanced;
}

/**
 * Runs a batch through the layers after `after` and up to `upTo`. Returns one array for each input.
 */
async function runBatch(
  { current, recover }: FeatureNetwork,
  inputs: readonly Float32Array[],
  { after, upTo }: { after?: string; upTo: string },
): Promise<Float32Array[]> {
  const batch = new Float32Array(inputs.length * inputs[0]!.length);
  inputs.forEach((input, i) => batch.set(input, i * input.length));
  const { data } = await retryOnContextLoss(recover, 'in the feature pass', async () => {
    const network = current();
    if (after === undefined) return forward(network, batch, inputs.length, upTo);
    const output = await new TfjsEngine(network).run(batch, inputs.length, upTo, after);
    return checkFinite(output, network.tfBackend);
  });
  const length = data.length / inputs.length;
  return inputs.map((_, i) => data.subarray(i * length, (i + 1) * length));
}

/** @throws OptionsError when no image of a class could be read. */
export function checkClassesLeft(
  where: string,
  labels: readonly string[],
  classes: readonly number[],
  problems: readonly DatasetProblem[],
): void {
  const empty = labels.find((_, index) => !classes.includes(index));
  if (empty === undefined) return;
  const [first] = problems;
  throw new OptionsError(
    `${where}: each class must have at least one readable image; class "${empty}" has none. Add some, or leave the class out.` +
      (first ? ` ${problems.length} could not be read: ${first.name}: ${first.error}` : ''),
  );
}
