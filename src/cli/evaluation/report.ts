/** The report of an evaluation: as text, and as the recorded accuracy of a model.json. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BackendName } from '../../backends/backends';
import { OptionsError, reasonOf } from '../../errors';
import { adviceFor, replaceFile } from '../../platform/atomicFiles';
import type { Accuracy } from '../../prediction/accuracyMeter';
import type { CropKind } from '../../preprocessing/crop';
import type { Manifest } from '../../weights/format/manifest';
import { oneLine } from '../terminal';
import type { FileClassifier } from './fileClassifier';
import type { Skipped } from './imageFolder';

/** What `--json` prints. */
export interface Report extends Accuracy {
  crops: CropKind;
  /** The name of the set. */
  weights: string;
  backend: BackendName;
  precision: FileClassifier['precision'];
  /** Number of worker threads; 0 if the main thread computed. */
  workers: number;
  /** Images whose results were already in the log. */
  resumed: number;
  /** Time for the other images, without loading the model. */
  seconds: number;
  imagesPerSecond: number;
  skipped: Skipped[];
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Formats a report as text, with the `pairs` most frequent confusions. */
export function formatReport(report: Report, pairs: number): string {
  const {
    top1,
    top5,
    images,
    crops,
    weights,
    backend,
    precision,
    workers,
    resumed,
    imagesPerSecond,
    confusions,
    skipped,
  } = report;
  const views = crops === 'ten' ? 'ten crops' : 'center crop';
  const by = workers === 0 ? '' : ` in ${workers} worker${workers === 1 ? '' : 's'}`;
  const bits = precision === 'int8' ? ' in int8' : '';
  const lines = [
    `top-1  ${percent(top1)}`,
    `top-5  ${percent(top5)}`,
    `${images} images, ${views}, ${oneLine(weights)} on ${backend}${bits}${by}, ${imagesPerSecond.toFixed(1)} images per second`,
  ];
  if (resumed > 0) lines.push(`${resumed} of them from the log`);
  if (skipped.length > 0) lines.push(`${skipped.length} skipped`);
  if (confusions.length > 0) {
    lines.push('', 'most frequent confusions:');
    for (const { actual, predicted, count } of confusions.slice(0, pairs))
      lines.push(
        `  ${String(count).padStart(4)} ×  ${oneLine(actual)} classified as ${oneLine(predicted)}`,
      );
  }
  return lines.join('\n');
}

/** Where and how `writeAccuracy` records a result. */
export interface AccuracyRecord {
  /** The path of the model.json. */
  file: string;
  /** The name of the images, such as "ImageNet validation". */
  on: string;
  /** The folder of images, for the recorded command. */
  folder: string;
  /** The option `--limit`, for the recorded command. */
  limit: number | undefined;
  report: Report;
}

/**
 * Writes the result to a model.json: `accuracy` for the center crop, `accuracy.tenCrops` for ten
 * crops.
 */
export async function writeAccuracy({
  file,
  on,
  folder,
  limit,
  report: { top1, top5, images, crops, precision },
}: AccuracyRecord): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  const options = [
    crops === 'ten' && '--crops ten',
    limit && `--limit ${limit}`,
    precision === 'int8' && '--precision int8',
  ].filter(Boolean);
  const measured = {
    top1,
    top5,
    images,
    on,
    command: ['alexnet evaluate', basename(folder), ...options].join(' '),
  };
  if (crops !== 'ten')
    manifest.accuracy = {
      ...measured,
      ...(manifest.accuracy?.tenCrops && { tenCrops: manifest.accuracy.tenCrops }),
    };
  else if (manifest.accuracy) manifest.accuracy.tenCrops = measured;
  else
    throw new OptionsError(
      `evaluate: ${file} must have an accuracy for the center crop, got none. Record it first, without --crops ten.`,
    );
  await replaceFile(file, `${JSON.stringify(manifest)}\n`).catch((error: unknown) => {
    throw new OptionsError(
      `evaluate: the accuracy cannot be written to ${file} (${reasonOf(error)}). It is unchanged. ${adviceFor(error)}`,
      { cause: error },
    );
  });
}
