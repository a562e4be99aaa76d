/** estimate: how long many pictures will take to be looked at, measured on this machine with one of them. */
import type { RemoteModel as Model } from 'alexnet-ts/worker';
import type { Album } from './album';
import { duration, inWords } from '../gallery/inWords';

/** Fewer are done before one has read the sentence. */
const MANY = 60;

/** Says it in `element`; the function is to be called when the album has changed. */
export function estimate(element: HTMLElement, base: Promise<Model>, album: Album): () => void {
  let milliseconds: Promise<number> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function measure(): Promise<number> {
    const model = await base;
    const { blob } = album.classes.find(({ pictures }) => pictures.length > 0)!.pictures[0]!;
    await model.classify(blob); // the first one is slower
    const start = performance.now();
    await model.classify(blob);
    return performance.now() - start;
  }

  async function say() {
    if (album.size < MANY) element.textContent = '';
    else {
      try {
        const seconds = ((await (milliseconds ??= measure())) * album.size) / 1000;
        element.textContent = `Looking at ${inWords(album.size, 'picture')} will take about ${duration(seconds)} on this machine.`;
      } catch {
        milliseconds = undefined; // no network, or a picture that was removed: training says so
      }
    }
  }
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void say();
    }, 400);
  };
}
