/** Arrivals: files, folders, zips and the project's own pictures on their way into the album: checked, counted, and what is left out named. */
import type { FilesInput } from 'alexnet-ts';
import { datasetFromFiles } from 'alexnet-ts/worker';
import { things } from 'virtual:things';
import { make } from '../gallery/elements';
import { sentenceOf } from '../gallery/sentenceOf';
import type { Status } from '../gallery/status';
import type { Album, PictureClass } from './album';
import { copyOf } from './copies';
import { inWords, remaining } from '../gallery/inWords';
import { thumbnailOf } from './thumbnail';

/** A picture that wants in: a file, or how to fetch one. */
export interface Arrival {
  name: string;
  blob: Blob | (() => Promise<Blob>);
  /** A camera's: one that is the same as the last goes without a word. @default false */
  live?: boolean;
}

export interface Arrivals {
  /** Pictures into one class. */
  add(to: PictureClass, pictures: readonly Arrival[]): Promise<void>;
  /** A folder of class folders, or a zip of them. */
  open(input: FilesInput): Promise<void>;
  /** The project's own. */
  ours(): Promise<void>;
}

/** Pictures that are read at once: decoding happens beside the page. */
const AT_ONCE = 4;

/** Files, but for what systems leave in folders unasked: .DS_Store, Thumbs.db. */
export const arrivalsOf = (files: Iterable<File>): Arrival[] =>
  [...files]
    .filter(({ name }) => !/^(\.|thumbs\.db$|desktop\.ini$)/i.test(name))
    .map((file) => ({ name: file.name, blob: file }));

/** `notes` is where what was left out is listed. */
export function arrivals(
  album: Album,
  report: Status,
  cancel: HTMLButtonElement,
  notes: HTMLElement,
): Arrivals {
  let queue = Promise.resolve();

  /** One thing after the other, with one Cancel for all. */
  const inTurn = (work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    (queue = queue.then(async () => {
      const controller = new AbortController();
      cancel.onclick = () => controller.abort();
      notes.replaceChildren();
      try {
        await work(controller.signal);
      } catch (error) {
        report.fail(error);
        if (sentenceOf(error) === undefined) report.say('Cancelled.');
      } finally {
        cancel.hidden = true;
      }
    }));

  async function take(
    wanted: readonly { to: PictureClass; arrival: Arrival }[],
    problems: string[],
    signal: AbortSignal,
  ): Promise<void> {
    const start = performance.now();
    const before = album.size;
    cancel.hidden = wanted.length <= AT_ONCE;
    const small = async ({ to, arrival: { name, blob, live } }: (typeof wanted)[number]) => {
      try {
        const bytes = blob instanceof Blob ? blob : await blob();
        return { to, live, name, blob: bytes, thumbnail: await thumbnailOf(bytes, name) };
      } catch (error) {
        problems.push(sentenceOf(error) ?? `${name} was not read.`);
        return undefined;
      }
    };
    for (let first = 0; first < wanted.length && !signal.aborted; first += AT_ONCE) {
      for (const made of await Promise.all(wanted.slice(first, first + AT_ONCE).map(small))) {
        if (!made || !album.classes.includes(made.to)) continue; // its class was deleted meanwhile
        const { to, live, ...picture } = made;
        const twin = await copyOf(picture.blob, everyPicture(album));
        if (!twin) album.put(to, picture);
        else {
          if (!live) problems.push(`${picture.name} has the same bytes as ${twin.name}.`);
          URL.revokeObjectURL(picture.thumbnail);
        }
      }
      const done = Math.min(first + AT_ONCE, wanted.length);
      const text = `Reading ${inWords(wanted.length, 'picture')}: ${done} done${remaining(start, done, wanted.length)}`;
      if (wanted.length > AT_ONCE) report.progress(text, done / wanted.length);
    }
    tell(album.size - before, problems, signal.aborted);
  }

  function tell(added: number, problems: readonly string[], cancelled: boolean): void {
    const [first] = problems;
    const sum = `${cancelled ? 'Cancelled. ' : ''}${inWords(added, 'picture')} added.`;
    if (!first) return report.say(sum);
    const left =
      problems.length === 1 ? `Left out: ${first}` : `${problems.length} left out: ${first}`;
    if (added > 0 || cancelled) report.say(`${sum} ${left}`);
    else report.fail(new Error(`Nothing was added. ${left}`));
    if (problems.length === 1) return;
    const all = make('ul', {}, ...problems.map((problem) => make('li', {}, problem)));
    notes.append(
      make('details', {}, make('summary', {}, `All ${problems.length} that were left out`), all),
    );
  }

  return {
    add: (to, pictures) =>
      inTurn((signal) =>
        take(
          pictures.map((arrival) => ({ to, arrival })),
          [],
          signal,
        ),
      ),
    open: (input) =>
      inTurn(async (signal) => {
        report.progress('Looking through the folders …');
        const { classes, examples, problems } = await datasetFromFiles(input, {
          signal,
          check: 'none', // making thumbnails tells what cannot be decoded
          onProgress: ({ phase, loaded, total }) =>
            phase === 'read' && report.progress('Unpacking the zip …', loaded / total),
        });
        album.deleteUntouched();
        const into = classes.map((name) => album.add(name));
        await take(
          examples.map(({ image, label, name = 'A picture' }) => ({
            to: into[label]!,
            arrival: { name, blob: image as Blob },
          })),
          problems.map(({ name, error }) => `${name} ${error}`),
          signal,
        );
      }),
    ours: () =>
      inTurn(async (signal) => {
        album.deleteUntouched();
        const wanted = Object.entries(things).flatMap(([name, urls]) => {
          const to = album.add(name);
          const fetched = (url: string) => async () => (await fetch(url, { signal })).blob();
          return urls.map((url, i) => ({
            to,
            arrival: { name: `${name} ${i + 1}`, blob: fetched(url) },
          }));
        });
        await take(wanted, [], signal);
      }),
  };
}

function* everyPicture(album: Album) {
  for (const { pictures } of album.classes) yield* pictures;
}
