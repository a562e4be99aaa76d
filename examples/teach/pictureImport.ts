/**
 * PictureImport: adds files, folders, zip files and samples to the training set, and lists errors.
 */
import type { FilesInput } from 'alexnet-ts';
import { datasetFromFiles } from 'alexnet-ts/worker';
import { sampleClasses } from 'virtual:sample-classes';
import { createElement } from '../gallery/elements';
import { errorMessage } from '../gallery/errorMessage';
import type { StatusLine } from '../gallery/statusLine';
import {
  createPicture,
  type ClassPicture,
  type PictureClass,
  type TrainingSet,
} from './trainingSet';
import { findDuplicate } from './duplicates';
import { countOf, timeLeft } from '../gallery/format';
import { createThumbnail } from './thumbnail';
import { withImportLock } from './trainingLock';

/** A picture to import: a file, or a function that fetches one. */
export interface PictureFile {
  /** Of a picture that has one already. @default a new one */
  id?: string;
  name: string;
  blob: Blob | (() => Promise<Blob>);
  /** Whether it is from the camera, whose duplicates are not reported. @default false */
  fromCamera?: boolean;
}

export interface PictureImport {
  /** Adds pictures to a class. */
  add(target: PictureClass, files: readonly PictureFile[]): Promise<void>;
  /** Adds pictures to several classes. */
  addAll(items: readonly { target: PictureClass; file: PictureFile }[]): Promise<void>;
  /** Adds a folder with a folder per class, or a zip file of it. */
  addDataset(input: FilesInput): Promise<void>;
  /** Adds the sample classes. */
  addSamples(): Promise<void>;
}

/** Pictures decoded in parallel. */
const BATCH_SIZE = 4;
/** Interval in ms. Drawing after each batch would take longer than reading the pictures. */
const SHOW_EVERY = 300;

/** Leaves out system files such as .DS_Store and Thumbs.db. */
export const pictureFiles = (files: Iterable<File>): PictureFile[] =>
  [...files]
    .filter(({ name }) => !/^(\.|thumbs\.db$|desktop\.ini$)/i.test(name))
    .map((file) => ({ name: file.name, blob: file }));

/** Lists skipped files in `skippedList`. */
export function pictureImport(
  trainingSet: TrainingSet,
  status: StatusLine,
  cancel: HTMLButtonElement,
  skippedList: HTMLElement,
): PictureImport {
  let queue = Promise.resolve();

  /** Runs imports one after the other; Cancel applies to the current one. */
  const enqueue = (work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    withImportLock(() => (queue = queue.then(() => run(work))));

  async function run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    cancel.onclick = () => controller.abort();
    skippedList.replaceChildren();
    try {
      await work(controller.signal);
    } catch (error) {
      status.fail(error);
      if (errorMessage(error) === undefined) status.show('Canceled.');
    } finally {
      cancel.hidden = true;
    }
  }

  async function importAll(
    items: readonly { target: PictureClass; file: PictureFile }[],
    problems: string[],
    signal: AbortSignal,
  ): Promise<void> {
    const start = performance.now();
    const before = trainingSet.size;
    cancel.hidden = items.length <= BATCH_SIZE;
    const read = async ({
      target,
      file: { id, name, blob, fromCamera },
    }: (typeof items)[number]) => {
      try {
        const bytes = blob instanceof Blob ? blob : await blob();
        return {
          target,
          fromCamera,
          ...(id !== undefined && { id }),
          name,
          blob: bytes,
          small: await createThumbnail(bytes, name),
        };
      } catch (error) {
        problems.push(errorMessage(error) ?? `${name} could not be read.`);
        return undefined;
      }
    };
    let added: { target: PictureClass; picture: ClassPicture }[] = [];
    let shown = start;
    const show = (done: number) => {
      // Classes may have been deleted meanwhile.
      trainingSet.addPictures(added.filter(({ target }) => trainingSet.classes.includes(target)));
      added = [];
      shown = performance.now();
      const text = `Reading ${countOf(items.length, 'picture')}: ${done} done${timeLeft(start, done, items.length)}`;
      if (items.length > BATCH_SIZE) status.progress(text, done / items.length);
    };
    let done = 0;
    for (; done < items.length && !signal.aborted; done += BATCH_SIZE) {
      for (const found of await Promise.all(items.slice(done, done + BATCH_SIZE).map(read))) {
        if (!found) continue;
        const { target, fromCamera, ...fields } = found;
        const known = [...allPictures(trainingSet), ...added.map(({ picture }) => picture)];
        const duplicate = await findDuplicate(fields.blob, known);
        if (!duplicate) added.push({ target, picture: createPicture(fields) });
        else if (!fromCamera) problems.push(`${fields.name} is a duplicate of ${duplicate.name}.`);
      }
      if (performance.now() - shown > SHOW_EVERY) show(Math.min(done + BATCH_SIZE, items.length));
    }
    show(Math.min(done, items.length));
    showResult(trainingSet.size - before, problems, signal.aborted);
  }

  function showResult(added: number, problems: readonly string[], canceled: boolean): void {
    const [first] = problems;
    const summary = `${canceled ? 'Canceled. ' : ''}${countOf(added, 'picture')} added.`;
    if (!first) return status.show(summary);
    const skipped =
      problems.length === 1 ? `Skipped: ${first}` : `${problems.length} skipped: ${first}`;
    if (added > 0 || canceled) status.show(`${summary} ${skipped}`);
    else status.fail(new Error(`Nothing was added. ${skipped}`));
    if (problems.length === 1) return;
    const all = createElement(
      'ul',
      {},
      ...problems.map((problem) => createElement('li', {}, problem)),
    );
    skippedList.append(
      createElement(
        'details',
        {},
        createElement('summary', {}, `All ${problems.length} skipped files`),
        all,
      ),
    );
  }

  return {
    add: (target, files) =>
      enqueue((signal) =>
        importAll(
          files.map((file) => ({ target, file })),
          [],
          signal,
        ),
      ),
    addAll: (items) => enqueue((signal) => importAll(items, [], signal)),
    addDataset: (input) =>
      enqueue(async (signal) => {
        status.progress('Listing the folders …');
        const { classes, examples, problems } = await datasetFromFiles(input, {
          signal,
          check: 'none', // creating thumbnails finds files that cannot be decoded
          onProgress: ({ phase, loaded, total }) =>
            phase === 'read' && status.progress('Unzipping …', loaded / total),
        });
        trainingSet.deleteUnused();
        const targets = classes.map((name) => trainingSet.add(name));
        await importAll(
          examples.map(({ image, label, name = 'A picture' }) => ({
            target: targets[label]!,
            file: { name, blob: image as Blob },
          })),
          problems.map(({ name, error }) => `${name} ${error}`),
          signal,
        );
      }),
    addSamples: () =>
      enqueue(async (signal) => {
        trainingSet.deleteUnused();
        const items = Object.entries(sampleClasses).flatMap(([name, urls]) => {
          const target = trainingSet.add(name);
          const fetchFrom = (url: string) => async () => (await fetch(url, { signal })).blob();
          return urls.map((url, i) => ({
            target,
            file: { name: `${name} ${i + 1}`, blob: fetchFrom(url) },
          }));
        });
        await importAll(items, [], signal);
      }),
  };
}

function* allPictures(trainingSet: TrainingSet) {
  for (const { pictures } of trainingSet.classes) yield* pictures;
}
