/** similarFigure: the samples whose features of fc7 are nearest to the picture's (figure 4). */
import { sampleClasses, testPictures } from 'virtual:sample-classes';
import { distance, quantize, type Features } from '../gallery/distance';
import { byId, createElement } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { statusLine } from '../gallery/statusLine';
import type { Figure } from './figures';
import type { Scene } from './scene';

const NEAREST = 6;
/** Pictures of each sample class to compare with: all of them would take too long. */
const PER_CLASS = 8;

interface Entry {
  name: string;
  url: string;
  features?: Features;
}

export function similarFigure(): Figure {
  const element = byId('similar-figure');
  const status = statusLine(byId('similar-status'));
  const query = byId<HTMLImageElement>('similar-query');
  const entries: Entry[] = [
    ...samples,
    ...testPictures,
    ...Object.entries(sampleClasses).flatMap(([name, urls]) =>
      urls.slice(0, PER_CLASS).map((url, i) => ({ name: `${name} ${i + 1}`, url })),
    ),
  ];

  /** Computes the features of each picture once, and shows how far it is. */
  async function index(scene: Scene) {
    for (const [i, entry] of entries.entries()) {
      if (scene.superseded) return;
      if (entry.features) continue;
      status.progress(`Looking at ${i} of ${entries.length} pictures …`, i / entries.length);
      entry.features = quantize(await scene.model.embed(await (await fetch(entry.url)).blob()));
    }
    status.show(`Compared with ${entries.length} pictures that come with this page.`);
  }

  return {
    element,
    async show(scene) {
      const { name, url } = scene.picture;
      const features = quantize((await scene.activations('fc7')).data);
      query.src = url;
      query.alt = name;
      query.hidden = false;
      await index(scene);
      if (scene.superseded) return;
      const nearest = entries
        .filter((entry) => entry.name !== name)
        .map((entry) => ({ ...entry, far: distance(entry.features!, features) }))
        .sort((a, b) => a.far - b.far)
        .slice(0, NEAREST);
      byId('nearest').replaceChildren(
        ...nearest.map((entry) =>
          createElement(
            'li',
            {},
            createElement('img', { src: entry.url, alt: '', loading: 'lazy' }),
            createElement('span', {}, entry.name),
            createElement('small', {}, `distance ${entry.far.toFixed(0)}`),
          ),
        ),
      );
    },
  };
}
