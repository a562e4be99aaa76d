/**
 * A random walk over the public API: several models on several backends load, classify, embed,
 * fine-tune, change classes, save, train with checkpoints, are aborted and disposed, many of them
 * at the same time. Each answer must be the one of a model that nothing disturbs, each error the
 * one that the walk has caused, and nothing may be left at the end.
 *
 * ALEXNET_WALK=10000 sets the number of steps, ALEXNET_WALK_SEED the seed.
 */
import '@tensorflow/tfjs-backend-cpu';
import { engine, tensor3d, type Tensor3D } from '@tensorflow/tfjs-core';
import * as alexnet from 'alexnet-ts';
import type { Model, Prediction, TunedModel } from 'alexnet-ts';
import { checkpointFile, imageData, train } from 'alexnet-ts/training';
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { formula } from './support/formula';
import { pickedFiles, tinyNetwork, tinySet } from './support/tinySet';

const STEPS = Number(process.env.ALEXNET_WALK ?? 500);
/** Seeds that found a defect once come first. */
const SEEDS = process.env.ALEXNET_WALK_SEED ? [Number(process.env.ALEXNET_WALK_SEED)] : [2012];

const PLACES = [
  { backend: 'cpu' },
  { backend: 'wasm', threads: 1, precision: 'float32' },
  { backend: 'wasm', threads: 2, precision: 'float32' },
] as const;
const SETS = ['one', 'other'] as const;
/** The classes of each fine-tuning, and its options. */
const TUNINGS = [
  { classes: ['red', 'blue'], train: 'head' },
  { classes: ['red', 'green', 'blue'], train: 'all' },
] as const;
const EDITS = ['', '+gray', '+gray-red'] as const;
/** The fine-tuning whose classes are edited afterwards. */
const EDITED = 0;
const FOLDERS = 3;

/** What determines a model's answers. */
interface Origin {
  set: number;
  place: number;
  /** Undefined for a model that was not fine-tuned. */
  tuning?: {
    index: number;
    place: number;
    edit: (typeof EDITS)[number];
    /** Whether it was saved and loaded. After training, another engine may compute it. */
    loaded?: true;
  };
}
const keyOf = (origin: Origin) => JSON.stringify(origin);

type Answer = Pick<Prediction, 'label' | 'probability'>;

interface Answers {
  predictions: Prediction[][];
  features: number[];
}

const pictures: Tensor3D[] = [];
const picture = (i: number) => pictures[i % pictures.length]!;
const imagesOf = (label: string) => [0, 1, 2].map((i) => picture(i * 3 + label.length));

async function tune(base: Model, index: number, more: object = {}): Promise<TunedModel> {
  const { classes, train } = TUNINGS[index]!;
  const examples = Object.fromEntries(classes.map((label) => [label, imagesOf(label)]));
  return base.fineTune(examples, { ...options(train), ...more });
}
const options = (train: 'head' | 'all') => ({
  ...{
    train,
    epochs: 2,
    batchSize: 4,
    learningRate: 1e-4,
    seed: 5,
    validationSplit: 0,
    augment: false,
  },
});
const edited = (model: TunedModel, signal?: AbortSignal) =>
  model.addClass('gray', [picture(1), picture(5)], { signal });

async function answersOf(model: Model): Promise<Answers> {
  const all = await Promise.all(pictures.map((image) => model.classify(image, { topK: 9 })));
  const features = await model.embed(picture(2), { layer: 'pool1' });
  return { predictions: all, features: Array.from(features) };
}

interface Entry {
  model: Model;
  origin: Origin;
  /** Whether it was fine-tuned here, so that it has features that addClass() needs. */
  fresh: boolean;
  disposed: boolean;
}

/** A folder that models are saved to. */
interface Folder {
  path: string;
  /** The models that may be in it when no save runs; undefined stands for none. */
  content: (Origin | undefined)[];
  /** The models of the saves that overlap now, whether one has succeeded, and how many still run. */
  saves: { origins: Origin[]; succeeded: boolean; running: number };
  /** Counts the saves, so that a load knows whether one overlapped. */
  started: number;
}

/** The system under test, and what is expected of it. */
interface Walk {
  entries: Entry[];
  folders: Folder[];
  /** Calls that have not ended yet. */
  pending: Set<Promise<void>>;
  /** How many calls succeeded, were aborted, or lost their model, by name. */
  counts: Record<string, number>;
  problems: string[];
}

const files: File[][] = [];
const expected = new Map<string, Answers>();
let trained: unknown;
let folder: string;

const open = (set: number, place: number, signal?: AbortSignal) =>
  alexnet.load({ weights: files[set]!, ...PLACES[place]!, signal });

/** Computes what every model answers if it is alone. */
async function computeExpected(): Promise<void> {
  for (const set of SETS.keys()) {
    for (const place of PLACES.keys()) {
      const base = await open(set, place);
      expected.set(keyOf({ set, place }), await answersOf(base));
      for (const index of TUNINGS.keys()) {
        const first = await tune(base, index);
        const models = [first];
        if (index === EDITED) {
          models.push(await edited(first));
          models.push(await models[1]!.removeClass('red'));
        }
        for (const [i, model] of models.entries()) {
          const tuning = { index, place, edit: EDITS[i]! };
          expected.set(keyOf({ set, place, tuning }), await answersOf(model));
          const path = join(folder, `expected-${set}-${place}-${index}-${i}`);
          await model.save(path, { whole: true });
          for (const other of PLACES.keys()) {
            const loaded = await alexnet.load({ weights: `${path}/`, ...PLACES[other]! });
            const origin = { set, place: other, tuning: { ...tuning, loaded: true } } as const;
            expected.set(keyOf(origin), await answersOf(loaded));
            loaded.dispose();
          }
          await rm(path, { recursive: true });
          model.dispose();
        }
      }
      base.dispose();
    }
  }
  trained = await trainWithInterruptions([]);
}

/** Trains with a checkpoint after each step, in as many runs as there are steps to stop after. */
async function trainWithInterruptions(
  stops: readonly number[],
  path = join(folder, `checkpoint-${Math.random()}`),
): Promise<unknown> {
  for (const stop of [...stops, Infinity]) {
    const model = await alexnet.create(tinyNetwork(), { backend: 'cpu', seed: 7 });
    try {
      const labels = { 'class 0': [picture(0), picture(1)], 'class 1': [picture(2), picture(3)] };
      const data = await imageData(labels, model);
      const checkpoint = { store: checkpointFile(path), every: 1 };
      let steps = 0;
      for await (const _ of train(model, data, {
        ...{ epochs: 3, batchSize: 2, learningRate: 1e-4, checkpoint },
      }))
        if (++steps >= stop) break;
      if (stop !== Infinity) continue;
      await checkpoint.store.remove();
      return await model.classify(picture(4), { topK: 9 });
    } finally {
      model.dispose();
    }
  }
  throw new Error('not reached');
}

/** A call of the walk, with the numbers that it is chosen by. */
interface Step {
  name: string;
  /** Which model, picture, set, place, folder, … */
  a: number;
  b: number;
  c: number;
  /** Whether the next step waits for it. */
  waits: boolean;
  /** After how many ms it is aborted; negative for never. */
  abortAfter: number;
}

const NAMES = Object.entries({
  load: 4,
  classify: 10,
  'classify several': 4,
  embed: 3,
  fineTune: 3,
  'fineTune, then break': 1,
  addClass: 2,
  removeClass: 2,
  save: 3,
  'load saved': 3,
  ensemble: 2,
  train: 1,
  dispose: 2,
  'no such option': 1,
  settle: 2,
});

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.oneof(...NAMES.map(([name, weight]) => ({ arbitrary: fc.constant(name), weight }))),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
  waits: fc.boolean(),
  abortAfter: fc.oneof(
    { arbitrary: fc.constant(-1), weight: 4 },
    { arbitrary: fc.integer({ min: 0, max: 12 }), weight: 1 },
  ),
});

const MAX_MODELS = 12;
const MAX_PENDING = 8;

/** A call, and the models that it uses: it may fail if one of them is disposed meanwhile. */
interface Call {
  uses: readonly Entry[];
  run: (signal: AbortSignal) => Promise<void>;
}

const hasEdit =
  (edit: string) =>
  ({ fresh, origin: { tuning } }: Entry): boolean =>
    fresh && tuning?.index === EDITED && tuning.edit === edit;
const isUntuned = ({ origin }: Entry): boolean => !origin.tuning;

/** The models that a call can use, if not all. */
const FITS: Record<string, (entry: Entry) => boolean> = {
  fineTune: isUntuned,
  'fineTune, then break': isUntuned,
  addClass: hasEdit(''),
  removeClass: hasEdit('+gray'),
};

/** Returns the call of a step; undefined if there is no model for it now. */
function callOf(walk: Walk, { name, a, b, c }: Step): Call | undefined {
  const { entries, folders, problems } = walk;
  const alive = entries.filter(({ disposed }) => !disposed);
  const fitting = alive.filter(FITS[name] ?? (() => true));
  const entry = fitting[a % Math.max(1, fitting.length)];
  const hasRoom = alive.length < MAX_MODELS;
  const add = (model: Model, origin: Origin, fresh = false) => {
    entries.push({ model, origin, fresh, disposed: false });
  };
  const check = (actual: unknown, wanted: unknown) => {
    try {
      assert.deepStrictEqual(actual, wanted);
    } catch (error) {
      problems.push(`${name}: ${String(error).slice(0, 800)}`);
    }
  };
  switch (name) {
    case 'load': {
      if (!hasRoom) return undefined;
      const origin = { set: b % SETS.length, place: c % PLACES.length };
      return {
        uses: [],
        run: async (signal) => add(await open(origin.set, origin.place, signal), origin),
      };
    }
    case 'load saved': {
      const at = folders[b % FOLDERS]!;
      if (!hasRoom || at.content.every((origin) => !origin)) return undefined;
      return { uses: [], run: (signal) => loadSaved(walk, at, c % PLACES.length, add, signal) };
    }
    case 'train':
      return {
        uses: [],
        run: async () => check(await trainWithInterruptions([1 + (a % 4), 1 + (b % 4)]), trained),
      };
    case 'no such option':
      return {
        uses: [],
        run: async () => {
          const wrong = entry
            ? entry.model.classify(picture(b), { topk: 3 } as never)
            : alexnet.load(5 as never);
          await assert.rejects(wrong, alexnet.OptionsError);
        },
      };
  }
  if (!entry) return undefined;
  const { model, origin } = entry;
  const { predictions, features } = expected.get(keyOf(origin))!;
  const uses = [entry];
  switch (name) {
    case 'classify': {
      const i = b % pictures.length;
      return {
        uses,
        run: async (signal) =>
          check(await model.classify(pictures[i]!, { topK: 9, signal }), predictions[i]),
      };
    }
    case 'classify several': {
      const indices = [b, c, b + c].map((i) => i % pictures.length);
      return {
        uses,
        run: async (signal) => {
          const answers = await model.classify(indices.map(picture), { topK: 9, signal });
          for (const [k, i] of indices.entries())
            checkClose(problems, name, answers[k]!, predictions[i]!);
        },
      };
    }
    case 'embed':
      return {
        uses,
        run: async (signal) => {
          const embedded = await model.embed(picture(2), { layer: 'pool1', signal });
          check(Array.from(embedded), features);
        },
      };
    case 'fineTune': {
      if (!hasRoom) return undefined;
      const index = b % TUNINGS.length;
      const { set, place } = origin;
      return {
        uses,
        run: async (signal) =>
          add(
            await tune(model, index, { signal }),
            { set, place, tuning: { index, place, edit: '' } },
            true,
          ),
      };
    }
    case 'fineTune, then break': {
      return {
        uses,
        run: async (signal) => {
          const { classes, train: layers } = TUNINGS[b % TUNINGS.length]!;
          const examples = Object.fromEntries(classes.map((label) => [label, imagesOf(label)]));
          let steps = c % 3;
          const run = model.fineTune(examples, { ...options(layers), signal });
          for await (const _ of run) if (steps-- <= 0) break;
        },
      };
    }
    case 'addClass':
    case 'removeClass': {
      const tuning = origin.tuning!;
      if (!hasRoom) return undefined;
      return {
        uses,
        run: async (signal) => {
          const tuned = model as TunedModel;
          if (name === 'addClass')
            add(
              await edited(tuned, signal),
              { ...origin, tuning: { ...tuning, edit: '+gray' } },
              true,
            );
          else {
            const less = await tuned.removeClass('red');
            add(less, { ...origin, tuning: { ...tuning, edit: '+gray-red' } });
          }
        },
      };
    }
    case 'save': {
      const at = folders[b % FOLDERS]!;
      return { uses, run: (signal) => save(at, entry, signal) };
    }
    case 'ensemble': {
      const same = alive.filter(({ model: { labels } }) => String(labels) === String(model.labels));
      const members = [entry, same[b % same.length]!];
      const i = c % pictures.length;
      const lists = members.map((member) => expected.get(keyOf(member.origin))!.predictions[i]!);
      return {
        uses: members,
        run: async (signal) => {
          const both = alexnet.ensemble(members.map((member) => member.model));
          const mean = lists[0]!.map(({ label, probability }) => ({
            label,
            probability:
              (probability + lists[1]!.find((other) => other.label === label)!.probability) / 2,
          }));
          const answer = await both.classify(pictures[i]!, { topK: 9, signal });
          checkClose(problems, name, answer, mean);
        },
      };
    }
    case 'dispose':
      return {
        uses: [],
        run: async () => {
          model.dispose();
          entry.disposed = true;
        },
      };
  }
  throw new Error(name);
}

/** Compares predictions that are computed in another order. */
function checkClose(
  problems: string[],
  what: string,
  actual: readonly Answer[],
  wanted: readonly Answer[],
): void {
  const byLabel = new Map(actual.map(({ label, probability }) => [label, probability]));
  for (const { label, probability } of wanted) {
    if (Math.abs((byLabel.get(label) ?? NaN) - probability) < 1e-5) continue;
    problems.push(`${what}: ${label} must be ${probability}, got ${byLabel.get(label)}`);
  }
}

async function save(at: Folder, { model, origin }: Entry, signal: AbortSignal): Promise<void> {
  if (at.saves.running === 0) at.saves = { origins: [], succeeded: false, running: 0 };
  const { saves } = at;
  saves.origins.push(origin);
  saves.running++;
  at.started++;
  try {
    await model.save(at.path, { whole: true, signal });
    saves.succeeded = true;
  } finally {
    saves.running--;
    if (saves.running === 0)
      at.content = saves.succeeded ? saves.origins : [...at.content, ...saves.origins];
  }
}

/** Loads what is in a folder: one of the models that may be there. */
async function loadSaved(
  walk: Walk,
  at: Folder,
  place: number,
  add: (model: Model, origin: Origin) => void,
  signal: AbortSignal,
): Promise<void> {
  const { started } = at;
  const overlaps = at.saves.running > 0;
  const before = [...at.content, ...(overlaps ? at.saves.origins : [])];
  let model: Model;
  try {
    model = await alexnet.load({ weights: `${at.path}/`, ...PLACES[place]!, signal });
  } catch (error) {
    // A set that is replaced while it is read, or none yet.
    const mayFail = overlaps || started !== at.started || before.includes(undefined);
    if (error instanceof alexnet.WeightsError && mayFail) return;
    throw error;
  }
  const answers = await answersOf(model);
  const candidates = [...before, ...at.content, ...at.saves.origins];
  for (const candidate of candidates) {
    if (!candidate) continue;
    const { set, tuning } = candidate;
    const origin = { set, place, ...(tuning && { tuning: { ...tuning, loaded: true as const } }) };
    if (JSON.stringify(expected.get(keyOf(origin))) !== JSON.stringify(answers)) continue;
    add(model, origin);
    return;
  }
  model.dispose();
  walk.problems.push(`load saved: ${at.path} must hold one of ${JSON.stringify(candidates)}`);
}

/** Starts the call of a step, and waits for it if the step says so. */
async function take(walk: Walk, step: Step): Promise<void> {
  const { name, abortAfter } = step;
  if (name === 'settle') {
    await Promise.all(walk.pending);
    return;
  }
  const call = callOf(walk, step);
  if (!call) return;
  const count = (how: string) => {
    walk.counts[`${name} ${how}`] = (walk.counts[`${name} ${how}`] ?? 0) + 1;
  };
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('aborted by the walk');
  const timer = abortAfter < 0 ? undefined : setTimeout(() => controller.abort(reason), abortAfter);
  const settled = (async () => {
    try {
      await call.run(signal);
      count('done');
    } catch (error) {
      const isOver = call.uses.some(({ disposed }) => disposed);
      if (error === reason && signal.aborted) count('aborted');
      else if (error instanceof alexnet.BackendError && /disposed/.test(error.message) && isOver)
        count('without its model');
      else walk.problems.push(`${name}: ${String((error as Error)?.stack ?? error)}`);
    } finally {
      clearTimeout(timer);
      const listeners = getEventListeners(signal, 'abort').length;
      if (listeners > 0) walk.problems.push(`${name} leaves ${listeners} listeners of its signal`);
    }
  })();
  const pending = settled.finally(() => walk.pending.delete(pending));
  walk.pending.add(pending);
  if (step.waits) await pending;
  while (walk.pending.size >= MAX_PENDING) await Promise.race(walk.pending);
}

/** What the process holds. */
function held() {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const listeners = Object.fromEntries(
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  );
  return { tensors: engine().memory().numTensors, resources, listeners };
}

describe('a random walk over the public API', () => {
  const { warn } = console;
  before(async () => {
    console.warn = () => {}; // that TensorFlow.js has no threads in Node
    folder = await mkdtemp(join(tmpdir(), 'alexnet-walk-'));
    for (const seed of SETS) files.push(pickedFiles(await tinySet({ seed })));
    for (let i = 0; i < 4; i++)
      pictures.push(tensor3d(formula(`walk ${i}`, 20 * 18 * 3, 128, 128), [20, 18, 3]));
    await computeExpected();
  });
  after(async () => {
    console.warn = warn;
    for (const image of pictures) image.dispose();
    await rm(folder, { recursive: true });
  });

  it('leaves no rejection behind when a load is aborted at any moment', async () => {
    const rejections: unknown[] = [];
    const record = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', record);
    try {
      for (let moment = 0; moment < 40; moment++) {
        const controller = new AbortController();
        const reason = new Error(`aborted after ${moment} turns`);
        const loading = open(0, moment % PLACES.length, controller.signal).catch(
          (error: unknown) => error,
        );
        for (let turn = 0; turn < moment; turn++) await Promise.resolve();
        controller.abort(reason);
        const loaded = await loading;
        if (loaded === reason) continue;
        (loaded as Model).dispose();
      }
      await wait(50);
    } finally {
      process.off('unhandledRejection', record);
    }
    assert.deepEqual(rejections.map(String), []);
  });

  for (const seed of SEEDS) {
    it(`gives every answer of an undisturbed model, and leaves nothing: ${STEPS} steps, seed ${seed}`, async () => {
      const before = held();
      const arbitrary = fc.array(step, { minLength: STEPS, maxLength: STEPS });
      const [steps] = fc.sample(arbitrary, { numRuns: 1, seed });
      const walk: Walk = {
        entries: [],
        folders: Array.from({ length: FOLDERS }, (_, i) => ({
          path: join(folder, `saved-${seed}-${i}`),
          content: [undefined],
          saves: { origins: [], succeeded: false, running: 0 },
          started: 0,
        })),
        pending: new Set(),
        counts: {},
        problems: [],
      };
      for (const [i, each] of steps!.entries()) {
        await take(walk, each);
        assert.deepEqual(walk.problems, [], `at step ${i}: ${JSON.stringify(each)}`);
      }
      await Promise.all(walk.pending);
      for (const { model } of walk.entries) model.dispose();
      assert.deepEqual(walk.problems, []);
      const { counts } = walk;
      console.log(
        Object.entries(counts)
          .map(([name, count]) => `${name}: ${count}`)
          .join(', '),
      );
      if (STEPS >= 500) {
        for (const name of NAMES.map(([name]) => name).filter((name) => name !== 'settle'))
          assert.ok(counts[`${name} done`]! > 0, `no ${name}`);
      }
      const isBack = () => JSON.stringify(held()) === JSON.stringify(before);
      for (let i = 0; i < 50 && !isBack(); i++) await wait(100); // threads take a moment to end
      assert.deepEqual(held(), before);
      const left = (await readdir(folder, { recursive: true })).filter(
        (name) => !/saved-\d+-\d(\/(model\.json|shard-[\w-]+\.bin(\.gz)?))?$/.test(name),
      );
      assert.deepEqual(left, []);
    });
  }
});
