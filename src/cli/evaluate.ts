/** `alexnet evaluate`: top-1 and top-5 accuracy on a folder of class folders. */
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BackendName } from '../backends/backends';
import { ImageError, OptionsError, nearest, reasonOf } from '../errors';
import type { Model } from '../model';
import { Tally } from '../prediction/tally';
import type { Prediction } from '../prediction/topK';
import type { CropKind } from '../preprocessing/crop';
import type { Manifest } from '../weights/manifest';
import { loadWithBar, progressBar } from './progress';

interface Options {
  limit?: number;
  pairs: number;
  crops: CropKind;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  json?: boolean;
  /** What the pictures are called in the model.json that the accuracy is written into. */
  record?: string;
}

interface Picture {
  file: string;
  /** Index of its class. */
  actual: number;
}

interface Skipped {
  /** Or folder. */
  file: string;
  error: string;
}

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|svg)$/i;
const BATCH = 8;

const normal = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();

/** The class that a folder is named after, by WordNet id or label. */
function classOf(folder: string, model: Model): number {
  const name = normal(folder);
  return model.classes.findIndex(({ id, label }) => normal(id) === name || normal(label) === name);
}

/** The folders in a folder, sorted. */
async function classFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such folder' : error.code === 'ENOTDIR' ? 'it is no folder' : error.message;
    throw new OptionsError(`evaluate: ${folder} cannot be read (${reason}). Pass a folder that holds a folder for each class.`);
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The pictures of all class folders; folders that are no class are reported. */
async function findPictures(
  folder: string,
  folders: readonly string[],
  model: Model,
  limit = Infinity,
): Promise<{ pictures: Picture[]; problems: Skipped[] }> {
  const pictures: Picture[] = [];
  const problems: Skipped[] = [];
  for (const name of folders) {
    const actual = classOf(name, model);
    if (actual < 0) {
      const near = nearest(name, model.labels);
      const hint = near ? ` Did you mean "${near}"?` : '';
      problems.push({ file: join(folder, name), error: `${join(folder, name)}: no class of ${model.name} is called so.${hint} Skipped.` });
      continue;
    }
    const files = (await readdir(join(folder, name))).filter((file) => PICTURE.test(file)).sort();
    for (const file of files.slice(0, limit)) pictures.push({ file: join(folder, name, file), actual });
  }
  return { pictures, problems };
}

/** Evaluates; folders that are no class and files that cannot be read are reported, skipped and counted. */
export async function evaluateFolder(
  folder: string,
  { limit, pairs, crops, json, record, ...loading }: Options,
): Promise<{ done: number; skipped: number }> {
  if (record !== undefined && (loading.weights === undefined || /^\w{2,}:/.test(loading.weights))) {
    throw new OptionsError('evaluate: --record writes into a file, so --weights is the path of a model.json.');
  }
  const folders = await classFolders(folder);
  const model = await loadWithBar(loading);
  const { pictures, problems } = await findPictures(folder, folders, model, limit);
  if (pictures.length === 0) {
    throw new OptionsError(
      [
        `evaluate: ${folder} holds no folder named after a class (WordNet id or label) with pictures in it.`,
        ...problems.slice(0, 5).map(({ error }) => error),
      ].join('\n'),
    );
  }
  const tally = new Tally(model.labels);
  const skipped = [...problems];
  for (const { error } of problems) console.error(`alexnet: ${error}`);
  const bar = progressBar('evaluating', pictures.length, '{value} of {total} pictures, {eta_formatted} left, top-1 {top1}');
  const start = performance.now();
  for (let first = 0; first < pictures.length; first += BATCH) {
    const batch = pictures.slice(first, first + BATCH);
    for (const { picture, predictions, error } of await classifyEach(model, batch, crops)) {
      if (predictions) tally.add(picture.actual, predictions);
      else {
        skipped.push({ file: picture.file, error: error! });
        console.error(`alexnet: ${error!} Skipped.`);
      }
    }
    bar.update(Math.min(first + BATCH, pictures.length), { top1: percent(tally.result().top1) });
  }
  bar.stop();
  const seconds = (performance.now() - start) / 1000;
  const result = { ...tally.result(), crops, weights: model.name, backend: model.backend, seconds: Number(seconds.toFixed(2)), skipped };
  console.log(json ? JSON.stringify(result, null, 2) : asText(result, pairs));
  model.dispose();
  if (record !== undefined) await writeAccuracy(loading.weights!, record, folder, limit, result);
  return { done: result.pictures, skipped: skipped.length };
}

/** Puts the result into the set's model.json: the centre crop's as its accuracy, the ten crops' beside it. */
async function writeAccuracy(
  file: string,
  on: string,
  folder: string,
  limit: number | undefined,
  { top1, top5, pictures, crops }: { top1: number; top5: number; pictures: number; crops: CropKind },
): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  const options = [crops === 'ten' && '--crops ten', limit && `--limit ${limit}`].filter(Boolean);
  const measured = { top1, top5, pictures, on, command: ['alexnet evaluate', basename(folder), ...options].join(' ') };
  if (crops === 'centre') manifest.accuracy = { ...measured, ...(manifest.accuracy?.tenCrops && { tenCrops: manifest.accuracy.tenCrops }) };
  else if (manifest.accuracy) manifest.accuracy.tenCrops = measured;
  else throw new OptionsError(`evaluate: ${file} has no accuracy of the centre crop yet. Record that first.`);
  await writeFile(`${file}.part`, `${JSON.stringify(manifest)}\n`);
  await rename(`${file}.part`, file);
}

interface Classified {
  picture: Picture;
  /** Undefined where the picture cannot be read. */
  predictions: Prediction[] | undefined;
  error: string | undefined;
}

/** A batch at once; where one of it cannot be read, each by itself. */
async function classifyEach(model: Model, batch: readonly Picture[], crops: CropKind): Promise<Classified[]> {
  const options = { topK: 5, crops };
  try {
    const all = await model.classify(
      batch.map(({ file }) => file),
      options,
    );
    return batch.map((picture, i) => ({ picture, predictions: all[i], error: undefined }));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (batch.length === 1) return [{ picture: batch[0]!, predictions: undefined, error: reasonOf(error).replace(/^picture 0: /, '') }];
    const alone: Classified[] = [];
    for (const picture of batch) alone.push(...(await classifyEach(model, [picture], crops)));
    return alone;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function asText(
  {
    top1,
    top5,
    pictures,
    crops,
    weights,
    backend,
    seconds,
    confusions,
    skipped,
  }: ReturnType<Tally['result']> & {
    crops: CropKind;
    weights: string;
    backend: BackendName;
    seconds: number;
    skipped: readonly object[];
  },
  pairs: number,
): string {
  const views = crops === 'ten' ? 'ten crops' : 'centre crop';
  const lines = [
    `top-1  ${percent(top1)}`,
    `top-5  ${percent(top5)}`,
    `${pictures} pictures, ${views}, ${weights} on ${backend}, ${(pictures / seconds).toFixed(1)} pictures a second`,
  ];
  if (skipped.length > 0) lines.push(`${skipped.length} skipped`);
  if (confusions.length > 0) {
    lines.push('', 'most confused:');
    for (const { actual, predicted, count } of confusions.slice(0, pairs))
      lines.push(`  ${String(count).padStart(4)} ×  ${actual} taken for ${predicted}`);
  }
  return lines.join('\n');
}
