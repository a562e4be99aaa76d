/** The worker's own program: the library as it is, called by the page. Built to dist/workerThread.js. */
import { expose, type Remote } from 'comlink';
import { create, datasetFromFiles, ensemble, load } from '../api';
import type {
  DatasetInput,
  FilesInput,
  FineTuneOptions,
  ImageInput,
  LoadOptions,
  TunedModel,
} from '../api';
import { BackendError } from '../errors';
import { sequentialFromJSON } from '../layers/fromJSON';
import type { Model } from '../model/model';
import { svg } from '../preprocessing/decode';
import type { FineTuneRun } from '../model/fineTuneRun';
import type { Images } from '../training/dataset/dataset';
import { user } from '../weights/save/download';
import { carryErrors } from './serializeErrors';
import type { Call, ModelFacts, News, PageService, Sent, Thread } from './protocol';
import { fetchForPage, received } from './deserializeImages';

/** A fine-tuning, for as long as the page can ask for it. */
interface Run {
  run: FineTuneRun;
  steps?: AsyncIterator<unknown, undefined>;
  pictures: { resolve(pictures: unknown): void; reject(reason: unknown): void };
  owned: { close(): void }[];
}

const models = new Map<number, Model>();
const runs = new Map<number, Run>();
const calls = new Map<number, AbortController>();
let made = 0;

const tell = (news: News): void => postMessage(news);

/** What the page's options were, with callbacks that have the page call its own. */
function optionsOf<Options>({ id, options: { values, callbacks } }: Call): Options {
  if (typeof values !== 'object' || values === null)
    return received({ content: values }, []) as Options;
  const own = Object.entries(callbacks).map(([callback, name]) => [
    callback,
    Object.defineProperty((value: unknown) => tell({ callback, call: id, value }), 'name', {
      value: name,
    }),
  ]);
  const { signal } = calls.get(id)!;
  return {
    ...(received({ content: values }, []) as object),
    ...Object.fromEntries(own),
    signal,
  } as Options;
}

/** Does a call's work, which can be aborted meanwhile, and closes what was sent with it. */
async function during<T>(call: Call, work: (owned: { close(): void }[]) => Promise<T>): Promise<T> {
  const owned: { close(): void }[] = [];
  calls.set(call.id, new AbortController());
  try {
    return await work(owned);
  } finally {
    calls.delete(call.id);
    for (const one of owned) one.close();
  }
}

function modelOf(id: number, method: string): Model {
  const model = models.get(id);
  if (!model) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  return model;
}

/** Keeps a model for the page, and says all that the page has to know. */
function keep(model: Model): ModelFacts {
  const id = ++made;
  models.set(id, model);
  model.onBackendChange = (change) => tell({ moved: id, change });
  const { name, classes, backend, threads, passedOver, preprocessing, origin, net } = model;
  const { layers, parameters, multiplyAdds, ...summary } = model.summary();
  return {
    ...{ id, name, classes, backend, threads, passedOver, preprocessing, origin },
    net: net.toJSON(),
    shapes: net.shapes(),
    summary: { layers, parameters, multiplyAdds, text: summary.toString() },
    ...(model.isTuned() ? { tuned: { history: model.history, problems: model.problems } } : {}),
  };
}

/** The page has these methods of tuned models alone. */
const tuned = (id: number, method: string) => modelOf(id, method) as TunedModel;

const thread: Thread = {
  async connect(page, lock) {
    const { rasterise, give } = page as unknown as Remote<PageService>;
    svg.decode = (file) => rasterise(file);
    user.give = (name, file) => give(name, file);
    await new Promise<void>((holding) => {
      if (!navigator.locks) return holding();
      void navigator.locks.request(lock, () => (holding(), new Promise(() => {})));
    });
  },
  abort: (call) => calls.get(call)?.abort(new DOMException('aborted by the page', 'AbortError')),
  dispose(id) {
    models.get(id)?.dispose();
    models.delete(id);
  },

  load: (call, weights, base) =>
    during(call, async () => {
      const options = optionsOf<LoadOptions>(call);
      const given = received({ content: { weights, base } }, []) as LoadOptions;
      const lender = base as Partial<Extract<Sent, { alexnet: 'model' }>> | undefined;
      if (lender?.alexnet === 'model') given.base = modelOf(lender.id!, 'load');
      return keep(await load({ ...options, ...given }));
    }),
  create: (call, net) =>
    during(call, async () =>
      keep(await create(sequentialFromJSON(received({ content: net }, [])), optionsOf(call))),
    ),

  classify: (call, id, pictures) =>
    during(call, async (owned) =>
      modelOf(id, 'classify').classify(received(pictures, owned) as ImageInput[], optionsOf(call)),
    ),
  embed: (call, id, pictures) =>
    during(call, async (owned) =>
      modelOf(id, 'embed').embed(received(pictures, owned) as ImageInput[], optionsOf(call)),
    ),
  activations: (call, id, picture, layer) =>
    during(call, async (owned) =>
      modelOf(id, 'activations').activations(
        received(picture, owned) as ImageInput,
        layer,
        optionsOf(call),
      ),
    ),
  preprocess: (call, id, picture) =>
    during(call, async (owned) =>
      modelOf(id, 'preprocess').preprocess(received(picture, owned) as ImageInput, optionsOf(call)),
    ),
  filters: (call, id, layer) => during(call, async () => modelOf(id, 'filters').filters(layer)),
  save: (call, id, where) =>
    during(call, async () =>
      modelOf(id, 'save').save(received({ content: where }, []) as string, optionsOf(call)),
    ),

  evaluate: (call, id, pictures) =>
    during(call, async (owned) => {
      const evaluation = await tuned(id, 'evaluate').evaluate(
        received(pictures, owned) as DatasetInput,
        optionsOf(call),
      );
      const { toString: _, ...rest } = evaluation;
      return { ...rest, text: String(evaluation) };
    }),
  addClass: (call, id, label, pictures) =>
    during(call, async (owned) =>
      keep(
        await tuned(id, 'addClass').addClass(
          label,
          received(pictures, owned) as Images,
          optionsOf(call),
        ),
      ),
    ),
  removeClass: (call, id, label) =>
    during(call, async () => keep(await tuned(id, 'removeClass').removeClass(label))),
  ensemble: (call, ids, pictures) =>
    during(call, async (owned) =>
      ensemble(ids.map((id) => modelOf(id, 'classify'))).classify(
        received(pictures, owned) as ImageInput[],
        optionsOf(call),
      ),
    ),
  datasetFromFiles: (call, files) =>
    during(call, async () =>
      datasetFromFiles(received({ content: files }, []) as FilesInput, optionsOf(call)),
    ),

  fineTune: (call, id, number) =>
    during(call, async (owned) => {
      const model = modelOf(id, 'fineTune');
      let pictures!: Run['pictures'];
      const given = new Promise<unknown>((resolve, reject) => (pictures = { resolve, reject }));
      given.catch(() => {}); // a run that ends before it asks for them
      const run = model.fineTune(
        given as unknown as DatasetInput,
        optionsOf<FineTuneOptions>(call),
      );
      runs.set(number, { run, owned, pictures });
      return keep(await run);
    }),
  pictures(number, parcel) {
    const run = runs.get(number);
    run?.pictures.resolve(received(parcel, run.owned));
  },
  noPictures: (number) =>
    runs
      .get(number)
      ?.pictures.reject(new DOMException('the page could not read the pictures', 'AbortError')),
  loop(number) {
    const run = runs.get(number);
    if (run) run.steps = run.run[Symbol.asyncIterator]();
  },
  next: async (number) =>
    (runs.get(number)?.steps?.next() ?? { done: true, value: undefined }) as ReturnType<
      Thread['next']
    >,
  async leave(number) {
    await runs.get(number)?.steps?.return?.();
  },
  control: (number, what) => runs.get(number)?.run[what](),
  best: (call, number) =>
    during(call, async () => {
      const best = runs.get(number)?.run.best();
      return best && keep(best);
    }),
  forget: (number) => void runs.delete(number),
};

carryErrors();
fetchForPage();
expose(thread);
