/** `alexnet fine-tune`: a classifier of a folder's pictures, written as a set that `--weights` of the other verbs takes. */
import { join } from 'node:path';
import type { BackendName } from '../backends/backends';
import { OptionsError } from '../errors';
import { checkDataset, type Dataset } from '../training/dataset/dataset';
import { datasetFromFolder } from '../training/dataset/datasets';
import type { Evaluation } from '../training/evaluate';
import type { EpochReport } from '../training/loop/history';
import { stratifiedSplit } from '../training/dataset/split';
import type { TunedModel } from '../model/tunedModel';
import { curve } from './learningCurve';
import { loadWithBar, progressBar } from './progress';

interface Options {
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

/** Reads the folder, trains, shows curves and confusion matrix, and saves. Ctrl-C ends training with the best epoch so far. */
export async function fineTuneFolder(
  folder: string,
  options: Options,
): Promise<{ done: number; skipped: number }> {
  const { output, json, whole = false, weights, base, backend } = options;
  const dataset = await readFolder(folder);
  for (const { name, error } of dataset.problems) console.error(`alexnet: ${name}: ${error}`);
  checkDataset(dataset, 'fine-tune', 2);
  const model = await loadWithBar({
    backend,
    ...(weights === undefined ? {} : { weights }),
    ...(base === undefined ? {} : { base }),
  });
  const start = performance.now();
  const { tuned, interrupted } = await train(model, dataset, options);
  const trainingSeconds = (performance.now() - start) / 1000;
  try {
    const { evaluation, on } = await evaluated(tuned, dataset, options);
    const saved = await tuned.save(output, { whole });
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
      console.log(
        JSON.stringify(
          {
            ...facts,
            seconds: Number(trainingSeconds.toFixed(2)),
            history,
            on,
            evaluation,
            skipped: dataset.problems,
          },
          null,
          2,
        ),
      );
    } else {
      console.log(curve(tuned.history));
      console.log(
        `\nthe ${evaluation.pictures} ${on === 'validation' ? 'pictures kept back for validation' : 'pictures of the training'}:\n${String(evaluation)}\n`,
      );
      console.log(savedText(dataset, saved, written, trainingSeconds));
    }
    return { done: 1, skipped: dataset.problems.length };
  } finally {
    tuned.dispose();
    model.dispose();
  }
}

async function readFolder(folder: string): Promise<Dataset> {
  let bar: ReturnType<typeof progressBar> | undefined;
  try {
    return await datasetFromFolder(folder, {
      onProgress: ({ loaded, total }) =>
        (bar ??= progressBar('checking', total, '{value} of {total} pictures')).update(loaded),
    });
  } finally {
    bar?.stop();
  }
}

/** Trains with a bar for the feature pass and one for the steps. */
async function train(
  model: Awaited<ReturnType<typeof loadWithBar>>,
  dataset: Dataset,
  { train: layers, epochs, validation, seed, learningRate, batchSize, augment }: Options,
): Promise<{ tuned: TunedModel; interrupted: boolean }> {
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
            ? '{value} of {total} pictures, {eta_formatted} left'
            : 'epoch {epoch}, loss {loss}, accuracy {accuracy}';
        bar = progressBar(next === 'features' ? 'features' : 'training', total, format);
        phase = next;
      }
      const { epoch = 0, validation: kept } = latest ?? {};
      bar!.update(loaded, {
        epoch,
        loss: (kept ?? latest)?.loss.toFixed(3) ?? '–',
        accuracy: percent((kept ?? latest)?.accuracy),
      });
    },
  });
  const onInterrupt = () => {
    if (interrupted) process.exit(130); // asked twice: now
    interrupted = true;
    if (latest) run.stop();
    else
      controller.abort(
        new OptionsError(
          'fine-tune: stopped before the first epoch was done, so nothing was saved.',
        ),
      );
  };
  process.on('SIGINT', onInterrupt);
  try {
    return { tuned: await run, interrupted };
  } finally {
    process.off('SIGINT', onInterrupt);
    bar?.stop();
  }
}

/** On the pictures that were kept back; without any, on those that it learnt from. */
async function evaluated(
  tuned: TunedModel,
  dataset: Dataset,
  { validation, seed }: Options,
): Promise<{ evaluation: Evaluation; on: 'validation' | 'training' }> {
  const { examples } = dataset;
  const kept = stratifiedSplit(
    examples.map(({ label }) => label),
    validation,
    seed,
  ).validation;
  const chosen = kept.length > 0 ? kept.map((index) => examples[index]!) : examples;
  const shown = new Set(chosen.map(({ label }) => label));
  const classes = dataset.classes.filter((_, label) => shown.has(label));
  const moved = chosen.map((example) => ({
    ...example,
    label: classes.indexOf(dataset.classes[example.label]!),
  }));
  const bar = progressBar('evaluating', chosen.length, '{value} of {total} pictures');
  try {
    const evaluation = await tuned.evaluate(
      { classes, examples: moved, problems: [] },
      { onProgress: ({ loaded }) => bar.update(loaded) },
    );
    return { evaluation, on: kept.length > 0 ? 'validation' : 'training' };
  } finally {
    bar.stop();
  }
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function savedText(
  { classes, examples }: Dataset,
  { bytes, layers, base }: { bytes: number; layers: readonly string[]; base?: { name: string } },
  written: string,
  seconds: number,
): string {
  const on = base ? ` on the base ${base.name}` : '';
  return [
    `${classes.length} classes from ${examples.length} pictures in ${seconds.toFixed(1)} s`,
    `saved ${layers.join(', ')} (${size(bytes)})${on} as ${written}`,
    `try: alexnet classify photo.jpg --weights ${written}`,
  ].join('\n');
}
