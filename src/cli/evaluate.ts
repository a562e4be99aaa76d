/** `alexnet evaluate`: measures top-1 and top-5 accuracy on a folder of class folders. */
import type { BackendName } from '../backends/backends';
import { OptionsError } from '../errors';
import { AccuracyMeter } from '../prediction/accuracyMeter';
import type { CropKind } from '../preprocessing/crop';
import { defaultSet } from '../weights/read/defaultSet';
import { readManifest } from '../weights/read/read';
import { weightSource } from '../weights/read/source';
import { answererHere, type Answer, type Answerer } from './evaluation/classifyFiles';
import { inParallel } from './evaluation/parallel';
import { EvaluationLog, identity } from './evaluation/log';
import {
  batches,
  classFolders,
  countPictures,
  type ClassFolder,
  type Picture,
  type Skipped,
} from './evaluation/imageFolder';
import { asText, percent, writeAccuracy, type Report } from './evaluation/report';
import { progressBar } from './progress';

interface Options {
  limit?: number;
  pairs: number;
  crops: CropKind;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  /** Worker threads; undefined for none. */
  workers?: number;
  /** The log's path. */
  resume?: string;
  json?: boolean;
  /** What the pictures are called in the model.json that the accuracy is written into. */
  record?: string;
}

const BATCH = 8;

/** The exit status of a program that Ctrl-C stopped. */
const INTERRUPTED = 130;

/** Evaluates a folder. Folders that match no class and unreadable files are reported and skipped. */
export async function evaluateFolder(
  folder: string,
  { limit, pairs, crops, workers, resume, json, record, ...loading }: Options,
): Promise<{ done: number; skipped: number }> {
  if (record !== undefined && (loading.weights === undefined || /^\w{2,}:/.test(loading.weights))) {
    throw new OptionsError(
      'evaluate: --record needs --weights, the path of a model.json to write into.',
    );
  }
  const manifest = await readManifest(weightSource(loading.weights ?? (await defaultSet())));
  const { classes, problems } = await classFolders(folder, manifest);
  const total = await countPictures(classes, limit);
  if (total === 0) {
    throw new OptionsError(
      [
        `evaluate: ${folder} must contain folders named after classes (WordNet id or label) with images in them, got none.`,
        ...problems.slice(0, 5).map(({ error }) => error),
      ].join('\n'),
    );
  }
  for (const { error } of problems) console.error(`alexnet: ${error}`);
  const answerer =
    workers === undefined
      ? await answererHere(loading, crops)
      : await (await import('./evaluation/workerPool')).answererInWorkers(workers, loading, crops);
  let log: EvaluationLog | undefined;
  try {
    if (resume !== undefined) {
      const header = {
        weights: manifest.name,
        set: await identity(manifest),
        crops,
        backend: answerer.backend,
        limit: limit ?? null,
      };
      log = await EvaluationLog.open(resume, folder, header, manifest.labels.length);
    }
    const meter = new AccuracyMeter(manifest.labels.map(({ label }) => label));
    const { stopped, skipped, done, ...measured } = await evaluated(
      classes,
      total,
      meter,
      answerer,
      log,
      limit,
    );
    if (stopped) {
      console.error(
        log
          ? `alexnet: evaluate: stopped. ${done} of ${total} images are in ${resume}. Run the same command to continue.`
          : `alexnet: evaluate: stopped after ${done} of ${total} images. The results are lost; with --resume <file.jsonl> they are kept.`,
      );
      process.exitCode = INTERRUPTED;
      return { done, skipped: 0 };
    }
    const report: Report = {
      ...meter.accuracy(),
      ...{
        crops,
        weights: manifest.name,
        backend: answerer.backend,
        workers: workers ?? 0,
        ...measured,
      },
      skipped: [...problems, ...skipped],
    };
    console.log(json ? JSON.stringify(report, null, 2) : asText(report, pairs));
    if (record !== undefined) await writeAccuracy(loading.weights!, record, folder, limit, report);
    return { done: report.pictures, skipped: report.skipped.length };
  } finally {
    await log?.close();
    await answerer.close();
  }
}

interface Answered {
  batch: Picture[];
  answers: Answer[];
  fromLog: boolean;
}

/** Counts the results of all images, from the log or computed. Ctrl-C stops after the current batches. */
async function evaluated(
  classes: readonly ClassFolder[],
  total: number,
  meter: AccuracyMeter,
  answerer: Answerer,
  log: EvaluationLog | undefined,
  limit: number | undefined,
) {
  const { signal, release } = interruption();
  const skipped: Skipped[] = [];
  let [done, resumed] = [0, 0];
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const bar = progressBar(
    'evaluating',
    total,
    '{value} of {total} pictures, {rate} a second, {left} left, top-1 {top1}',
  );
  bar.update(0, { rate: '–', left: '–', top1: '–' });
  const answer = async (batch: Picture[]): Promise<Answered> => {
    const files = batch.map(({ file }) => file);
    const noted = await log?.answers(files);
    return {
      batch,
      answers: noted ?? (await answerer.answer(files)),
      fromLog: noted !== undefined,
    };
  };
  try {
    for await (const { batch, answers, fromLog } of inParallel(
      batches(classes, BATCH, { limit, signal }),
      answerer.atOnce,
      answer,
    )) {
      for (const [i, { file, actual }] of batch.entries()) {
        const { classes: best, error } = answers[i]!;
        if (best)
          meter.add(
            actual,
            best.map((index) => ({ index })),
          );
        else {
          skipped.push({ file, error: `${file}: ${error}` });
          console.error(`alexnet: ${file}: ${error} Skipped.`);
        }
      }
      done += batch.length;
      if (fromLog) resumed += batch.length;
      else
        await log?.add(
          batch.map(({ file }) => file),
          answers,
        );
      const rate = (done - resumed) / seconds();
      const left = rate > 0 ? duration((total - done) / rate) : '–';
      bar.update(done, { rate: rate.toFixed(1), left, top1: percent(meter.accuracy().top1) });
    }
  } finally {
    bar.stop();
    release();
  }
  const fresh = done - resumed;
  return {
    stopped: done < total && signal.aborted,
    skipped,
    done,
    resumed,
    seconds: Number(seconds().toFixed(2)),
    picturesPerSecond: fresh === 0 ? 0 : Number((fresh / seconds()).toFixed(2)),
  };
}

/** Returns a signal that the first Ctrl-C aborts. A second Ctrl-C ends the program. */
function interruption(): { signal: AbortSignal; release: () => void } {
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
