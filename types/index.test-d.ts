/** What must and must not compile against the public types. Checked by `npm run check`; nothing runs. */
import {
  alexnet,
  create,
  load,
  type ImageInput,
  type LayerName,
  type Model,
  type Prediction,
  type TunedModel,
} from 'alexnet-ts';
import * as everything from 'alexnet-ts';
import { conv2d, dense, flatten, sequential } from 'alexnet-ts/layers';
import { toDataset, train } from 'alexnet-ts/training';
import { writeSet } from 'alexnet-ts/convert';
import * as worker from 'alexnet-ts/worker';
import shipped from 'alexnet-ts/weights/imagenet-293';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T => true as T;

export async function compiles(image: ImageInput) {
  const model = await alexnet.load({
    weights: shipped,
    backend: 'auto',
    threads: 2,
    cache: false,
    onProgress: ({ phase, loaded, total }) => [phase, loaded / total],
  });
  const one = await model.classify(image, { topK: 3, crops: 'ten' });
  const several = await model.classify([image, image]);
  holds<Equal<typeof model, alexnet.Model>>();
  if (model instanceof alexnet.Model) await model.save('pets', { signal: undefined });
  const options: alexnet.ClassifyOptions = { topK: undefined, crops: undefined, signal: undefined };
  await model.classify(image, options);
  await alexnet.load({ weights: undefined, onProgress: undefined, signal: undefined });
  await model.fineTune({ cat: [], dog: [] }, { epochs: undefined, signal: undefined });
  holds<Equal<typeof one, Prediction[]>>();
  holds<Equal<typeof several, Prediction[][]>>();
  holds<Equal<typeof load, typeof alexnet.load>>();
  holds<Equal<typeof load, typeof everything.load>>();
  holds<Equal<'conv1' extends LayerName ? true : false, true>>();

  const net = sequential(
    { conv: conv2d({ filters: 2, size: 3 }), flatten: flatten(), fc: dense({ units: 2 }) },
    { inputShape: [8, 8, 3] },
  );
  const pets = await create(net, { labels: ['cat', 'dog'] });
  const [pet] = await pets.classify(image);
  holds<Equal<NonNullable<typeof pet>['label'], 'cat' | 'dog'>>();
  net.apply(null as never, {}, { upTo: 'conv' });

  const dataset = await toDataset({ cat: [image], dog: [image] });
  holds<Equal<(typeof dataset)['classes'], readonly ('cat' | 'dog')[]>>();
  const listed = await toDataset([{ image, label: 'cat' }]);
  holds<Equal<(typeof listed)['classes'], readonly 'cat'[]>>();
  const again = await load<'cat' | 'dog'>({ weights: 'indexeddb://pets', base: model });
  holds<Equal<(typeof again)['labels'], readonly ('cat' | 'dog')[]>>();
  if (again.isTuned()) holds<Equal<(typeof again)['history'][number]['loss'], number>>();
  await pets.save('downloads://pets', { whole: true });
  const [answer] = await alexnet.ensemble([pets, again]).classify(image);
  holds<Equal<NonNullable<typeof answer>['label'], 'cat' | 'dog'>>();
  const faces = alexnet.knn<'ann' | 'bob'>(model);
  // @ts-expect-error: not one of the labels
  await faces.add('eve', image);

  // @ts-expect-error: 'conv9' is no layer of the paper's network
  const wrong: LayerName = 'conv9';
  // @ts-expect-error: a misspelt layer of one's own
  net.apply(null as never, {}, { upTo: 'cnov' });
  // @ts-expect-error: no such backend
  await load({ backend: 'webgl3' });
  // @ts-expect-error: crops are 'centre' or 'ten'
  await model.classify(image, { crops: 'five' });
  return [wrong, train, writeSet];
}

/**
 * What the same program sees of either import: all but the network, which is data in the worker, and
 * the methods whose types differ in `best()` and IO handlers.
 */
type InBoth<Name extends string> = Omit<
  Model<Name>,
  'net' | 'fineTune' | 'save' | 'isTuned' | 'onBackendChange'
> & { net: worker.Model['net'] };

type AsyncMethod<T> = {
  [Key in keyof T]: T[Key] extends (...args: never[]) => Promise<unknown> ? Key : never;
}[keyof T];
holds<Equal<AsyncMethod<worker.TunedModel>, AsyncMethod<TunedModel>>>();
holds<Equal<keyof worker.TunedModel, keyof TunedModel>>();
// Every name of alexnet-ts that is not only for the page: the networks, folders in Node.
type PageOnly =
  'caffeAlexNet' | 'caffeNet' | 'paperAlexNet' | 'torchvisionAlexNet' | 'datasetFromFolder';
holds<Equal<keyof typeof worker, Exclude<keyof typeof everything, PageOnly>>>();

export async function takesBoth(model: InBoth<'cat'>) {
  const remote = await worker.load<'cat'>({ weights: shipped, backend: 'auto', cache: false });
  await takesBoth(remote);
  await takesBoth(await load<'cat'>());
  holds<Equal<typeof remote, worker.Model<'cat'>>>();
  holds<Equal<typeof remote, worker.alexnet.Model<'cat'>>>();
  if (remote instanceof worker.Model) remote.onBackendChange = undefined;
  const pets = await remote.fineTune({ cat: [], dog: [] });
  holds<Equal<typeof pets, worker.TunedModel<'cat' | 'dog'>>>();
  const three = await pets.addClass('cow', [], { signal: undefined });
  holds<Equal<typeof three, worker.TunedModel<'cat' | 'dog' | 'cow'>>>();
  if (remote.isTuned()) await remote.evaluate({ cat: [] });
  const evaluates: Pick<TunedModel<'cat' | 'dog'>, 'history' | 'problems' | 'evaluate'> = pets;
  const best = await remote.fineTune({ cat: [], dog: [] }).best();
  holds<Equal<typeof best, worker.TunedModel<'cat' | 'dog'> | undefined>>();
  const options: worker.LoadOptions = { weights: 'indexeddb://pets', base: remote };
  await worker.load(options);
  worker.knn<'ann'>(remote);
  const [answer] = await worker.ensemble([remote, remote]).classify('cat.jpg');
  holds<Equal<NonNullable<typeof answer>, Prediction<'cat'>>>();
  // @ts-expect-error: a handler's functions cannot be called from the worker
  await worker.load({ weights: { load: async () => ({}) } });
  // @ts-expect-error: a model on the page cannot share its weights
  await worker.load({ base: await load() });
  return [model, evaluates];
}
