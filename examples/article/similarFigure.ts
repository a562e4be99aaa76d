/** similarFigure: the samples whose fc7 features are nearest to those of a picture (figure 4). */
import { sampleClasses, testPictures } from 'virtual:sample-classes';
import { distance, quantize, type Features } from '../gallery/distance';
import { byId, createElement } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { statusLine } from '../gallery/statusLine';
import type { Figure } from './figures';
import type { Scene } from './scene';

const NEAREST = 5;
/** Pictures of each sample class to compare with. All of them would take too long. */
const PER_CLASS = 8;
/** One picture of each class is compared with the others, after the visitor's. */
const QUERIES = ['mug 1', 'key 1', 'pawn 1', 'die 1'];

interface Entry {
  name: string;
  /** The text below the picture. @default its name */
  text?: string;
  url: string;
}
type Indexed = Entry & { features: Features };

export function similarFigure(): Figure {
  const status = statusLine(byId('similar-status'));
  const queries = testPictures
    .filter(({ name }) => QUERIES.includes(name))
    .map((query) => ({ ...query, text: `a ${query.name.replace(' 1', '')}` }));
  const entries: Entry[] = [
    ...queries,
    ...samples,
    ...Object.entries(sampleClasses).flatMap(([name, urls]) =>
      urls
        .slice(0, PER_CLASS)
        .map((url, i) => ({ name: `${name} (${i + 1})`, text: `another ${name}`, url })),
    ),
  ];
  const indexed: Indexed[] = [];
  const own = createElement('li', { className: 'own' });

  /** Computes the features of each picture once. */
  async function index(scene: Scene) {
    for (const entry of entries.slice(indexed.length)) {
      if (scene.superseded) return;
      const done = indexed.length;
      status.progress(
        `Comparing with ${entries.length} pictures: ${done} done …`,
        done / entries.length,
      );
      const blob = await (await fetch(entry.url)).blob();
      indexed.push({ ...entry, features: quantize(await scene.model.embed(blob)) });
    }
    status.show(`Compared with ${entries.length} pictures that come with this page.`);
  }

  return {
    element: byId('similar-figure'),
    async show(scene) {
      const { name, url } = scene.picture;
      const features = quantize((await scene.activations('fc7')).data);
      await index(scene);
      if (scene.superseded) return;
      own.replaceChildren(...row({ name, url, features }, indexed));
      byId('nearest').replaceChildren(
        own,
        ...indexed
          .slice(0, queries.length)
          .map((query) => createElement('li', {}, ...row(query, indexed))),
      );
    },
  };
}

/** Returns a picture and the nearest others. */
function row(query: Indexed, all: readonly Indexed[]): HTMLElement[] {
  const nearest = all
    .filter(({ name }) => name !== query.name)
    .map((entry) => ({ ...entry, far: distance(entry.features, query.features) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, NEAREST);
  return [
    figureOf(query, nameOf(query)),
    ...nearest.map((entry) => figureOf(entry, `${nameOf(entry)}: ${entry.far.toFixed(1)}`)),
  ];
}

const nameOf = ({ name, text = name }: Entry) => text;

function figureOf({ url }: Entry, text: string): HTMLElement {
  const image = createElement('img', { src: url, alt: '', loading: 'lazy' });
  return createElement('div', {}, image, createElement('span', {}, text));
}
