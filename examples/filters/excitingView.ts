/** excitingView: shows what excites a filter most, among the samples and the visitor's pictures. */
import type { Model } from 'alexnet-ts/worker';
import { ExcitingPatches } from '../gallery/conv1/excitingPatches';
import { strongestActivations, SIZE } from '../gallery/conv1/strongestActivation';
import { drawViews } from '../gallery/drawViews';
import { byId, createElement } from '../gallery/elements';
import { countOf } from '../gallery/format';
import { pictureFromBlob, type Picture } from '../gallery/picture';
import { samples } from '../gallery/samples';

/** Runs conv1 on a picture. */
export async function findActivations(model: Model, { blob }: Pick<Picture, 'blob'>) {
  const [view] = drawViews(await model.preprocess(blob), model.preprocessing);
  const maps = await model.activations(blob, 'conv1');
  return { view: view!, maps, best: strongestActivations(maps) };
}

/** Searches the sample pictures. `onFound` is called after each. */
export async function searchSamples(
  model: Model,
  patches: ExcitingPatches,
  onFound: () => void,
): Promise<void> {
  for (const { name, url } of samples) {
    const picture = await pictureFromBlob(await (await fetch(url)).blob(), name);
    const { view, best } = await findActivations(model, picture);
    URL.revokeObjectURL(picture.url);
    patches.add(picture, view, best);
    onFound();
  }
}

/** Shows the patches of a filter as a list. */
export function showExciting(patches: ExcitingPatches, filter: number): void {
  const found = patches.of(filter);
  byId('excites').replaceChildren(
    ...found.map(({ picture, value, pixels }) => {
      const canvas = createElement('canvas', { className: 'map', width: SIZE, height: SIZE });
      canvas.getContext('2d')!.putImageData(pixels, 0, 0);
      return createElement('li', { title: `activation ${value.toFixed(2)}` }, canvas, picture);
    }),
  );
  byId('excites-note').textContent = found.length
    ? `The strongest places in ${countOf(patches.pictures, 'picture')}, 11 × 11 pixels each, with the contrast stretched.`
    : `Nothing in ${countOf(patches.pictures, 'picture')} excites this filter.`;
}
