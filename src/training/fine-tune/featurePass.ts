/** The feature pass: pictures through the frozen layers, in batches, once. */
import { ImageError, OptionsError, reasonOf } from '../../errors';
import { ContextLost } from '../../backends/contextLoss';
import { random } from '../../layers/init';
import { sizeOf } from '../../layers/layer';
import type { ModelInternals } from '../../model/modelParts';
import { centralSquare, cutView, drawView, type Augmentation } from '../dataset/augment';
import { toPixels } from '../../preprocessing/image';
import type { Pixels } from '../../preprocessing/pixels';
import { preprocess } from '../../preprocessing/preprocess';
import { ColourStatistics, type PrincipalColours } from '../dataset/colorPca';
import type { LoadedNetwork } from '../../engines/engine';
import { checkFinite, forward } from '../../engines/forward';
import { TfjsEngine } from '../../engines/tfjs/tfjsEngine';
import { breather } from '../../platform/yieldToPage';
import type { DatasetProblem, Example } from '../dataset/dataset';
import { Features } from './features';
import { mixedSeed } from '../loop/seeds';

/** A network that may be able to move to another backend. */
type Frozen = LoadedNetwork & Pick<ModelInternals, 'recover'>;

/** Views that go through the network at once. */
const AT_ONCE = 16;

/** The principal colours are those of so many pictures, evenly taken out of all. */
const COLOUR_SAMPLE = 100;

export interface FeaturePassOptions {
  /** The last layer of the frozen part. */
  upTo: string;
  /** Random views of each picture beside its centre. */
  views: number;
  augmentation: Augmentation;
  /** Principal colours that are known already. */
  colours?: PrincipalColours | undefined;
  /** Whether a picture gets further views: those kept back for validation do not. @default all */
  augmented?: (index: number) => boolean;
  seed: number;
  onPicture?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface FeaturePass {
  features: Features;
  /** For each row of the features the index of its example. */
  examples: number[];
  colours: PrincipalColours | undefined;
  /** Pictures that could not be read. */
  problems: DatasetProblem[];
}

/** The name of an example in messages. */
export const exampleName = ({ name }: Example, i: number): string => name ?? `picture ${i}`;

/** A picture's pixels; undefined for one that cannot be read, which is noted. */
export async function readable(
  example: Example,
  i: number,
  problems: DatasetProblem[],
  signal: AbortSignal | undefined,
): Promise<Pixels | undefined> {
  try {
    return await toPixels(example.image, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImageError)) throw error;
    const name = exampleName(example, i);
    if (!problems.some((problem) => problem.name === name))
      problems.push({ name, error: reasonOf(error) });
    return undefined;
  }
}

/** The principal colours of a sample of the pictures. */
export async function coloursOf(
  examples: readonly Example[],
  { preprocessing }: Pick<ModelInternals, 'preprocessing'>,
  signal: AbortSignal | undefined,
): Promise<PrincipalColours> {
  const statistics = new ColourStatistics();
  const every = Math.max(1, Math.ceil(examples.length / COLOUR_SAMPLE));
  const breathe = breather();
  for (let i = 0; i < examples.length; i += every) {
    const pixels = await readable(examples[i]!, i, [], signal);
    if (pixels) statistics.add(centralSquare(pixels, preprocessing));
    await breathe();
  }
  return statistics.principalColours();
}

/** Runs every picture through the layers up to `upTo`. Pictures that cannot be read are left out and named. */
export async function featurePass(
  base: ModelInternals,
  examples: readonly Example[],
  options: FeaturePassOptions,
): Promise<FeaturePass> {
  const { upTo, views, augmentation, augmented = () => true, seed, onPicture, signal } = options;
  const { net, preprocessing } = base;
  const length = sizeOf(net.shapes()[upTo]!);
  const pass: FeaturePass = {
    features: new Features(length, examples.length * (views + 1)),
    examples: [],
    colours: options.colours,
    problems: [],
  };
  const shifted = views > 0 && augmentation.colour !== 0;
  if (shifted) {
    pass.colours ??= await coloursOf(
      examples.filter((_, i) => augmented(i)),
      base,
      signal,
    );
  }

  const breathe = breather();
  const queue: Float32Array[] = [];
  const results: Float32Array[] = [];
  const flush = async (least: number) => {
    while (queue.length >= least && queue.length > 0) {
      signal?.throwIfAborted();
      results.push(...(await through(base, queue.splice(0, AT_ONCE), upTo)));
      await breathe();
    }
  };
  const waiting: { example: number; views: number }[] = [];
  const collect = () => {
    while (waiting.length > 0 && results.length >= waiting[0]!.views) {
      const { example, views: count } = waiting.shift()!;
      const own = new Float32Array(count * length);
      results.splice(0, count).forEach((view, i) => own.set(view, i * length));
      pass.features.add(examples[example]!.label, exampleName(examples[example]!, example), own);
      pass.examples.push(example);
    }
  };

  for (const [i, example] of examples.entries()) {
    const pixels = await readable(example, i, pass.problems, signal);
    if (pixels) {
      queue.push(preprocess(pixels, preprocessing, 'center'));
      const more = augmented(i) ? views : 0;
      if (more > 0) {
        const square = centralSquare(pixels, preprocessing);
        const uniform = random(mixedSeed(seed, 0xa06, i));
        for (let view = 0; view < more; view++) {
          queue.push(
            cutView(
              square,
              drawView(uniform, preprocessing, augmentation, pass.colours),
              preprocessing,
            ),
          );
        }
      }
      waiting.push({ example: i, views: 1 + more });
      await flush(AT_ONCE);
      collect();
    }
    onPicture?.(i + 1, examples.length);
    await breathe();
  }
  await flush(1);
  collect();
  return pass;
}

/** Features of one layer on to those of a later one: all views of all pictures. */
export async function passOn(
  base: Frozen,
  features: Features,
  { after, upTo, signal }: { after: string; upTo: string; signal?: AbortSignal | undefined },
): Promise<Features> {
  if (after === upTo) return features;
  const length = sizeOf(base.net.shapes()[upTo]!);
  const further = new Features(
    length,
    features.rows.reduce((sum, _, picture) => sum + features.viewsOf(picture), 0),
  );
  const breathe = breather();
  for (const [picture, row] of features.rows.entries()) {
    signal?.throwIfAborted();
    const count = features.viewsOf(picture);
    const views = Array.from({ length: count }, (_, view) => {
      const target = new Float32Array(features.length);
      features.read(picture, view, target);
      return target;
    });
    const own = new Float32Array(count * length);
    (await through(base, views, upTo, after)).forEach((view, i) => own.set(view, i * length));
    further.add(row.class, row.name, own);
    await breathe();
  }
  return further;
}

/** A batch of views through the frozen layers, one result each; again, on another backend, when this one's context is lost. */
async function through(
  base: Frozen,
  views: readonly Float32Array[],
  upTo: string,
  after?: string,
): Promise<Float32Array[]> {
  const batch = new Float32Array(views.length * views[0]!.length);
  views.forEach((view, i) => batch.set(view, i * view.length));
  const run = async () =>
    after === undefined
      ? forward(base, batch, views.length, upTo)
      : checkFinite(
          await new TfjsEngine(base).run(batch, views.length, upTo, after),
          base.tfBackend,
        );
  const { data } = await run().catch(async (error: unknown) => {
    if (!base.recover || !(error instanceof ContextLost)) throw error;
    await base.recover();
    return run();
  });
  const length = data.length / views.length;
  return views.map((_, i) => data.slice(i * length, (i + 1) * length));
}

/** @throws OptionsError when a class has no picture left that could be read. */
export function checkClassesLeft(
  where: string,
  labels: readonly string[],
  classes: readonly number[],
  problems: readonly DatasetProblem[],
): void {
  const empty = labels.filter((_, index) => !classes.includes(index));
  if (empty.length === 0) return;
  const [first] = problems;
  throw new OptionsError(
    `${where}: the class "${empty[0]}" has no picture that can be read. Add some, or leave the class out.` +
      (first ? ` ${problems.length} could not be read: ${first.name}: ${first.error}` : ''),
  );
}
