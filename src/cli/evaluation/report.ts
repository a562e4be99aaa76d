/** The report of an evaluation: as text, and as the accuracy in a set's model.json. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BackendName } from '../../backends/backends';
import { OptionsError } from '../../errors';
import type { Accuracy } from '../../prediction/accuracyMeter';
import type { CropKind } from '../../preprocessing/crop';
import type { Manifest } from '../../weights/format/manifest';
import type { Skipped } from './imageFolder';

/** What `--json` prints. */
export interface Report extends Accuracy {
  crops: CropKind;
  /** The set's name. */
  weights: string;
  backend: BackendName;
  /** Worker threads; 0 where there were none. */
  workers: number;
  /** Images whose results were already in the log. */
  resumed: number;
  /** For the other images, without loading. */
  seconds: number;
  picturesPerSecond: number;
  skipped: Skipped[];
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function asText(report: Report, pairs: number): string {
  const {
    top1,
    top5,
    pictures,
    crops,
    weights,
    backend,
    workers,
    resumed,
    picturesPerSecond,
    confusions,
    skipped,
  } = report;
  const views = crops === 'ten' ? 'ten crops' : 'center crop';
  const by = workers === 0 ? '' : ` in ${workers} worker${workers === 1 ? '' : 's'}`;
  const lines = [
    `top-1  ${percent(top1)}`,
    `top-5  ${percent(top5)}`,
    `${pictures} pictures, ${views}, ${weights} on ${backend}${by}, ${picturesPerSecond.toFixed(1)} pictures a second`,
  ];
  if (resumed > 0) lines.push(`${resumed} of them from the log`);
  if (skipped.length > 0) lines.push(`${skipped.length} skipped`);
  if (confusions.length > 0) {
    lines.push('', 'most frequent confusions:');
    for (const { actual, predicted, count } of confusions.slice(0, pairs))
      lines.push(`  ${String(count).padStart(4)} ×  ${actual} classified as ${predicted}`);
  }
  return lines.join('\n');
}

/** Puts the result into the set's model.json: the center crop's as its accuracy, the ten crops' in the field tenCrops. */
export async function writeAccuracy(
  file: string,
  on: string,
  folder: string,
  limit: number | undefined,
  { top1, top5, pictures, crops }: Report,
): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  const options = [crops === 'ten' && '--crops ten', limit && `--limit ${limit}`].filter(Boolean);
  const measured = {
    top1,
    top5,
    pictures,
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
      `evaluate: ${file} must have an accuracy for the center crop, got none. Record that first.`,
    );
  await writeFile(`${file}.part`, `${JSON.stringify(manifest)}\n`);
  await rename(`${file}.part`, file);
}
