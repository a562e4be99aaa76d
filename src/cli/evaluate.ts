/** `alexnet evaluate`: measures top-1 and top-5 accuracy on a folder with one folder per class. */
import type { BackendName } from '../backends/backends';
import { OptionsError } from '../errors';
import type { LoadOptions } from '../model/load';
import { AccuracyMeter } from '../prediction/accuracyMeter';
import type { CropKind } from '../preprocessing/crop';
import { defaultSet } from '../weights/read/defaultSet';
import { readManifest } from '../weights/read/read';
import { weightSource } from '../weights/read/source';
import { localClassifier, type FileClassifier, type FileResult } from './evaluation/fileClassifier';
import { oneLine, printJSON } from './terminal';
import { EvaluationLog, identity } from './evaluation/log';
import {
  batches,
  classFolders,
  countImages,
  inParallel,
  type ClassFolder,
  type LabeledFile,
  type Skipped,
} from './evaluation/imageFolder';
import { formatReport, percent, writeAccuracy, type Report } from './evaluation/report';
import { progressBar } from './progress';
import { setsOf, type SourceOptions } from './weights';

interface EvaluateCommandOptions extends SourceOptions {
  limit?: number;
  pairs: number;
  crops: CropKind;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  precision: LoadOptions['precision'];
  /** Number of worker threads; undefined to compute in the main thread. */
  workers?: number;
  /** The path of the log. */
  resume?: string;
  json?: boolean;
  /** The name of the images, which is recorded with the accuracy in the model.json. */
  record?: string;
}

const BATCH = 8;

/** The usual exit status of a program that was stopped by Ctrl-C. */
const INTERRUPTED = 130;

/** Evaluates a folder. Reports and skips unreadable files and folders that do not match a class. */
export async function evaluateFolder(
  folder: string,
  { limit, pairs, crops, workers, resume, json, record, ...given }: EvaluateCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const loading = await setsOf('evaluate', given);
  if (
    record !== undefined &&
    (given.weights === undefined ||
      loading.weights !== given.weights ||
      /^\w{2,}:/.test(given.weights))
  ) {
    throw new OptionsError(
      'evaluate: --record needs --weights, the path of a model.json to write to.',
    );
  }
  const manifest = await readManifest(weightSource(loading.weights ?? (await defaultSet())));
  const { classes, problems, notes } = await classFolders(folder, manifest);
  const total = countImages(classes, limit);
  if (total === 0) {
    throw new OptionsError(
      [
        `evaluate: ${folder} must contain folders named after classes (WordNet ID or label) with images in them, got none.`,
        ...problems.slice(0, 5).map(({ error }) => error),
      ].join('\n'),
    );
  }
  for (const note of [...problems.map(({ error }) => error), ...notes])
    console.error(`alexnet: ${oneLine(note)}`);
  const classifier =
    workers === undefined
      ? await localClassifier(loading, crops)
      : await (await import('./evaluation/workerPool')).workerClassifier(workers, loading, crops);
  let log: EvaluationLog | undefined;
  try {
    if (resume !== undefined) {
      const header = {
        weights: manifest.name,
        set: await identity(manifest),
        crops,
        backend: classifier.backend,
        precision: classifier.precision === 'int8' ? ('int8' as const) : undefined,
        limit: limit ?? null,
      };
      log = await EvaluationLog.open(resume, folder, header, manifest.labels.length);
    }
    const meter = new AccuracyMeter(manifest.labels.map(({ label }) => label));
    const { stopped, skipped, done, ...measured } = await measureAccuracy({
      classes,
      total,
      meter,
      classifier,
      log,
      limit,
    });
    if (stopped) {
      console.error(
        log
          ? `alexnet: evaluate: stopped. ${done} of ${total} images are in ${resume}. Run the same command to continue.`
          : `alexnet: evaluate: stopped after ${done} of ${total} images. The results were not kept. Pass --resume <file.jsonl> to keep them.`,
      );
      process.exitCode = INTERRUPTED;
      return { done, skipped: 0 };
    }
    const report: Report = {
      ...meter.accuracy(),
      ...{
        crops,
        weights: manifest.name,
        backend: classifier.backend,
        precision: classifier.precision,
        workers: workers ?? 0,
        ...measured,
      },
      skipped: [...problems, ...skipped],
    };
    if (json) printJSON(report);
    else console.log(formatReport(report, pairs));
    if (record !== undefined)
      await writeAccuracy({ file: loading.weights!, on: record, folder, limit, report });
    return { done: report.images, skipped: report.skipped.length };
  } finally {
    await log?.close();
    await classifier.close();
  }
}

interface BatchResult {
  batch: LabeledFile[];
  results: FileResult[];
  fromLog: boolean;
}

interface EvaluationRun {
  classes: readonly ClassFolder[];
  /** The number of images. */
  total: number;
  meter: AccuracyMeter;
  classifier: FileClassifier;
  log: EvaluationLog | undefined;
  limit: number | undefined;
}

/**
 * Adds the results of all images to the meter, either from the log or computed. Ctrl-C stops it
 * after the current batches.
 */
async function measureAccuracy({ classes, total, meter, classifier, log, limit }: EvaluationRun) {
  const { signal, release } = abortOnInterrupt();
  const skipped: Skipped[] = [];
  let [done, resumed] = [0, 0];
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const bar = progressBar(
    'evaluating',
    total,
    '{value} of {total} images, {rate} per second, {left} left, top-1 {top1}',
  );
  bar.update(0, { rate: '–', left: '–', top1: '–' });
  const classify = async (batch: LabeledFile[]): Promise<BatchResult> => {
    const files = batch.map(({ file }) => file);
    const logged = await log?.results(files);
    return {
      batch,
      results: logged ?? (await classifier.classify(files)),
      fromLog: logged !== undefined,
    };
  };
  try {
    for await (const { batch, results, fromLog } of inParallel(
      batches(classes, BATCH, { limit, signal }),
      classifier.concurrency,
      classify,
    )) {
      for (const [i, { file, actual }] of batch.entries()) {
        const { classes: best, error } = results[i]!;
        if (best)
          meter.add(
            actual,
            best.map((index) => ({ index })),
          );
        else {
          skipped.push({ file, error: `${file}: ${error}` });
          console.error(`alexnet: ${oneLine(`${file}: ${error}`)} Skipped.`);
        }
      }
      done += batch.length;
      if (fromLog) resumed += batch.length;
      else
        await log?.add(
          batch.map(({ file }) => file),
          results,
        );
      const rate = (done - resumed) / seconds();
      const left = rate > 0 ? duration((total - done) / rate) : '–';
      bar.update(done, { rate: rate.toFixed(1), left, top1: percent(meter.accuracy().top1) });
    }
  } finally {
    bar.stop();
    release();
  }
  const computed = done - resumed;
  return {
    stopped: done < total && signal.aborted,
    skipped,
    done,
    resumed,
    seconds: Number(seconds().toFixed(2)),
    imagesPerSecond: computed === 0 ? 0 : Number((computed / seconds()).toFixed(2)),
  };
}

/** Returns a signal that is aborted by the first Ctrl-C. A second Ctrl-C ends the program. */
function abortOnInterrupt(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onInterrupt = () => {
    console.error(
      'alexnet: evaluate: stopping after the current images. Press Ctrl-C again to stop immediately.',
    );
    controller.abort();
  };
  process.once('SIGINT', onInterrupt);
  return { signal: controller.signal, release: () => process.off('SIGINT', onInterrupt) };
}

/** Formats a duration as `1:02:03`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return `${hours > 0 ? `${hours}:` : ''}${String(minutes).padStart(hours > 0 ? 2 : 1, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
