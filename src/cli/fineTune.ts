/**
 * `alexnet fine-tune`: trains a classifier on a folder of images and writes a set of weights that
 * the other commands accept as `--weights`.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { BackendName } from '../backends/backends';
import { OptionsError, reasonOf } from '../errors';
import { checkDataset, type Dataset } from '../training/dataset/dataset';
import { datasetFromFiles, datasetFromFolder } from '../training/dataset/datasets';
import type { FilesProgress } from '../training/dataset/checkImages';
import { regularBlob } from '../platform/regularFile';
import type { Evaluation } from '../training/evaluate';
import type { EpochReport } from '../weights/format/tuning';
import type { SaveResult } from '../weights/save/save';
import { checkFolder } from '../weights/save/folder';
import { destination } from '../weights/save/destination';
import { stratifiedSplit } from '../training/dataset/split';
import type { TunedModel } from '../model/tunedModel';
import { curve } from './learningCurve';
import { oneLine, printJSON } from './terminal';
import { loadWithBar, progressBar } from './progress';
import { setsOf, type SourceOptions } from './weights';

interface FineTuneCommandOptions extends SourceOptions {
  output: string;
  train: 'head' | 'classifier' | 'all';
  epochs?: number;
  validation: number;
  seed: number;
  learningRate?: number;
  batchSize: number;
  augment?: boolean;
  whole?: boolean;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  json?: boolean;
}

/**
 * Reads the folder, trains, saves, and prints the learning curve and the confusion matrix. Ctrl-C
 * ends training early and keeps the best epoch.
 */
export async function fineTuneFolder(
  folder: string,
  options: FineTuneCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const { output, json, whole = false, weights, base, backend, cache, from } = options;
  await checkOutput(output);
  const dataset = await readImages(folder);
  for (const { name, error } of dataset.problems)
    console.error(`alexnet: ${oneLine(`${name}: ${error}`)}`);
  checkDataset(dataset, 'fine-tune', 2);
  const sets = await setsOf('fine-tune', {
    ...(weights === undefined ? {} : { weights }),
    ...(base === undefined ? {} : { base }),
    ...(cache === undefined ? {} : { cache }),
    ...(from === undefined ? {} : { from }),
  });
  const model = await loadWithBar({ backend, ...sets });
  const start = performance.now();
  const { tuned, interrupted, saved, trainingSeconds } = await trainAndSave(
    model,
    dataset,
    options,
    async (trained) => {
      const seconds = (performance.now() - start) / 1000;
      return { trainingSeconds: seconds, saved: await saveWithFallback(trained, output, whole) };
    },
  );
  try {
    const { evaluation, on } = await evaluateTuned(tuned, dataset, options);
    const written = join(output.replace(/model\.json$/, ''), 'model.json');
    if (json) {
      const { history, labels } = tuned;
      const facts = {
        labels,
        trained: saved.layers,
        base: saved.base,
        bytes: saved.bytes,
        model: written,
        interrupted,
      };
      printJSON({
        ...facts,
        seconds: Number(trainingSeconds.toFixed(2)),
        history,
        on,
        evaluation,
        skipped: dataset.problems,
      });
    } else {
      console.log(curve(tuned.history));
      console.log(
        `\non ${evaluation.images} ${on === 'validation' ? 'held-out validation' : 'training'} images:\n${String(evaluation)}\n`,
      );
      console.log(formatSaved(dataset, saved, written, trainingSeconds));
    }
    return { done: 1, skipped: dataset.problems.length };
  } finally {
    tuned.dispose();
    model.dispose();
  }
}

const isZip = async (path: string): Promise<boolean> =>
  /\.zip$/i.test(path) && ((await stat(path).catch(() => undefined))?.isFile() ?? false);

/**
 * Reads a folder with a folder for each class, or a zip of one, such as a project of the gallery.
 */
async function readImages(path: string): Promise<Dataset> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const onProgress = ({ phase, loaded, total }: FilesProgress) => {
    if (phase === 'read') return; // a zip: its images are counted when they are checked
    bar ??= progressBar('checking', total, '{value} of {total} images');
    bar.update(loaded);
  };
  try {
    if (!(await isZip(path))) return await datasetFromFolder(path, { onProgress });
    const zip = new File([await regularBlob(path)], basename(path));
    return await datasetFromFiles(zip, { onProgress });
  } finally {
    bar?.stop();
  }
}

/**
 * Throws before training if the model cannot be saved to `output`. Writes a file there to find out,
 * and removes it.
 */
async function checkOutput(output: string): Promise<void> {
  destination(output);
  if (!/^[a-z][a-z0-9+.-]+:/i.test(output) || output.startsWith('file:'))
    return checkFolder(output);
  throw new OptionsError(
    `fine-tune: --output must be a folder, got ${output}. Pass a path, such as -o my-model.`,
  );
}

/** Saves to `output`. If that fails, saves to a temporary folder, which the error names. */
async function saveWithFallback(
  tuned: TunedModel,
  output: string,
  whole: boolean,
): Promise<SaveResult> {
  try {
    return await tuned.save(output, { whole });
  } catch (error) {
    const fallback = await saveTemporarily(tuned, whole).catch((second: unknown) => {
      throw new OptionsError(
        `fine-tune: the model could not be saved and is lost. ${reasonOf(error)} Saving to a temporary folder failed as well: ${reasonOf(second)}`,
        { cause: error },
      );
    });
    throw new OptionsError(
      `fine-tune: the model could not be saved to ${output}, and was saved to ${fallback} instead. ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** Saves to a new temporary folder, and returns its path. */
async function saveTemporarily(tuned: TunedModel, whole: boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-fine-tune-'));
  try {
    await tuned.save(folder, { whole });
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Trains, with one progress bar for the features and one for the epochs, then immediately passes
 * the model to `save`. Ctrl-C cannot end the program in between.
 */
async function trainAndSave<Saved extends object>(
  model: Awaited<ReturnType<typeof loadWithBar>>,
  dataset: Dataset,
  {
    train: layers,
    epochs,
    validation,
    seed,
    learningRate,
    batchSize,
    augment,
  }: FineTuneCommandOptions,
  save: (tuned: TunedModel) => Promise<Saved>,
): Promise<{ tuned: TunedModel; interrupted: boolean } & Saved> {
  let bar: ReturnType<typeof progressBar> | undefined;
  let phase = '';
  let latest: EpochReport | undefined;
  let interrupted = false;
  const controller = new AbortController();
  const percent = (share: number | undefined) =>
    share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
  const run = model.fineTune(dataset, {
    train: layers,
    validationSplit: validation,
    seed,
    batchSize,
    signal: controller.signal,
    keepFeatures: false,
    ...(epochs === undefined ? {} : { epochs }),
    ...(learningRate === undefined ? {} : { learningRate }),
    ...(augment === undefined ? {} : { augment }),
    onEpoch: (report) => (latest = report),
    onProgress({ phase: next, loaded, total }) {
      if (next !== phase) {
        bar?.stop();
        const format =
          next === 'features'
            ? '{value} of {total} images, {eta_formatted} left'
            : 'epoch {epoch}, loss {loss}, accuracy {accuracy}';
        bar = progressBar(next === 'features' ? 'features' : 'training', total, format);
        phase = next;
      }
      const { epoch = 0, validation: heldOut } = latest ?? {};
      bar!.update(loaded, {
        epoch,
        loss: (heldOut ?? latest)?.loss.toFixed(3) ?? '–',
        accuracy: percent((heldOut ?? latest)?.accuracy),
      });
    },
  });
  const onInterrupt = () => {
    if (interrupted) process.exit(130); // the second Ctrl-C
    interrupted = true;
    if (latest) run.stop();
    else
      controller.abort(
        new OptionsError(
          'fine-tune: stopped before the first epoch was complete. Nothing was saved.',
        ),
      );
  };
  process.on('SIGINT', onInterrupt);
  try {
    const tuned = await run;
    bar?.stop();
    try {
      return { tuned, ...(await save(tuned)), interrupted };
    } catch (error) {
      tuned.dispose();
      throw error;
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    bar?.stop();
  }
}

/** Evaluates on the validation images, or on the training images if none were held out. */
async function evaluateTuned(
  tuned: TunedModel,
  dataset: Dataset,
  { validation, seed }: FineTuneCommandOptions,
): Promise<{ evaluation: Evaluation; on: 'validation' | 'training' }> {
  const { examples } = dataset;
  const heldOut = stratifiedSplit(
    examples.map(({ label }) => label),
    validation,
    seed,
  ).validation;
  const chosen = heldOut.length > 0 ? heldOut.map((index) => examples[index]!) : examples;
  const presentLabels = new Set(chosen.map(({ label }) => label));
  const classes = dataset.classes.filter((_, label) => presentLabels.has(label));
  const relabeled = chosen.map((example) => ({
    ...example,
    label: classes.indexOf(dataset.classes[example.label]!),
  }));
  const bar = progressBar('evaluating', chosen.length, '{value} of {total} images');
  try {
    const evaluation = await tuned.evaluate(
      { classes, examples: relabeled, problems: [] },
      { onProgress: ({ loaded }) => bar.update(loaded) },
    );
    return { evaluation, on: heldOut.length > 0 ? 'validation' : 'training' };
  } finally {
    bar.stop();
  }
}

const formatBytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function formatSaved(
  { classes, examples }: Dataset,
  { bytes, layers, base }: { bytes: number; layers: readonly string[]; base?: { name: string } },
  written: string,
  seconds: number,
): string {
  const on = base ? ` on the base ${oneLine(base.name)}` : '';
  return [
    `${classes.length} classes from ${examples.length} images in ${seconds.toFixed(1)} s`,
    `saved ${layers.join(', ')} (${formatBytes(bytes)})${on} as ${written}`,
    `try: alexnet classify photo.jpg --weights ${written}`,
  ].join('\n');
}
