/** resultsFigure: the picture and eight samples with five guesses each, as in figure 4. */
import type { Prediction } from 'alexnet-ts';
import { showBars } from '../gallery/bars';
import { byId, createElement } from '../gallery/elements';
import { formatList } from '../gallery/format';
import { samples } from '../gallery/samples';
import type { Figure } from './figures';
import type { Scene } from './scene';

const SHOWN = [
  'school bus',
  'ladybug',
  'espresso',
  'bell pepper',
  'viaduct',
  'orange',
  'lighthouse',
  'jellyfish',
  'lemon',
];
/** Fewer than SHOWN, because one of them may be the visitor's picture already. */
const COUNT = 8;
/** The classes of samples that are not named after their class. */
const LABELS: Record<string, string> = { lighthouse: 'beacon' };

export function resultsFigure(): Figure {
  const own = createElement('li', { className: 'own' });
  const others = SHOWN.map(() => createElement('li'));
  byId('answers').append(own, ...others);

  async function showSamples(scene: Scene) {
    for (const [i, name] of SHOWN.entries()) {
      if (scene.superseded) return;
      if (others[i]!.hasChildNodes()) continue;
      const { url } = samples.find((each) => each.name === name)!;
      const predictions = await scene.model.classify(await (await fetch(url)).blob());
      fill(others[i]!, { name, url }, predictions, LABELS[name] ?? name);
    }
  }

  return {
    element: byId('results-figure'),
    async show(scene) {
      const { name, url } = scene.picture;
      fill(own, { name, url }, await scene.predictions(), LABELS[name] ?? name);
      byId('classes').textContent = formatList(scene.model.labels.toSorted());
      const different = others.filter((_, i) => SHOWN[i] !== name).slice(0, COUNT);
      for (const item of others) item.hidden = !different.includes(item);
      await showSamples(scene);
    },
  };
}

function fill(
  item: HTMLElement,
  { name, url }: { name: string; url: string },
  predictions: readonly Prediction[],
  correct: string,
) {
  const list = createElement('ol');
  showBars(list, predictions, correct);
  item.replaceChildren(createElement('img', { src: url, alt: name }), list);
}
