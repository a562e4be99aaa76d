/** networkFigure: the layers of the network with their shapes and maps, as in figure 2. */
import type { Activations } from 'alexnet-ts';
import { byId, createElement } from '../gallery/elements';
import { formatPercent } from '../gallery/format';
import { drawHeatMap } from '../gallery/heatMap';
import { imageOverlay } from '../gallery/imageOverlay';
import { layerInfo, type LayerInfo } from '../gallery/layerInfo';
import type { Figure } from './figures';
import { linkBetween } from './networkLinks';
import { layerColumn, type LayerColumn } from './networkColumn';
import { peaksOf } from './normalization';
import type { Scene } from './scene';

/** The layers of figure 2; normalization and pooling are between them. */
const DRAWN = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7'];

interface Selected {
  info: LayerInfo;
  map: number;
}

export function networkFigure(): Figure {
  const container = byId('towers');
  const overlay = imageOverlay(byId('map-overlay'), 'The picture, and where the map is active');
  const input = createElement('div', { className: 'input' });
  const output = createElement('ol', { className: 'output' });
  let columns: LayerColumn[] = [];
  let shown: Scene | undefined;
  let selected: Selected | undefined;

  /** Draws the network, which is the same for all pictures. */
  function create({ model }: Scene) {
    const all = layerInfo(model.summary(), model.net.layers);
    const towers = all.some((info) => info.towers) ? 2 : 1;
    columns = DRAWN.flatMap((name) => {
      const at = all.findIndex((info) => info.name === name);
      if (at < 0) return [];
      const next = all.slice(at + 1).find(({ name: each }) => !each.startsWith('norm'));
      return layerColumn(all[at]!, {
        towers,
        pooled: next?.name.startsWith('pool') ? next.shape : undefined,
        onSelect: (map) =>
          void select({ info: all[at]!, map }).then(() =>
            byId('map-detail').scrollIntoView({ block: 'nearest' }),
          ),
      });
    });
    const label = createElement('p', { className: 'label' }, createElement('strong', {}, 'input'));
    label.append(` ${model.preprocessing.inputSize} × ${model.preprocessing.inputSize}, 3 colors`);
    const guesses = createElement('p', { className: 'label' }, createElement('strong', {}, 'fc8'));
    guesses.append(` ${model.labels.length} classes`);
    container.replaceChildren(
      createElement('div', { className: 'layer' }, input, label),
      ...columns.flatMap(({ info, element }, i) => [
        linkBetween(columns[i - 1]?.info, info, towers),
        element,
      ]),
      linkBetween(columns.at(-1)!.info, undefined, towers),
      createElement('div', { className: 'layer last' }, output, guesses),
    );
  }

  async function select(choice: Selected) {
    if (!shown) return;
    selected = choice;
    const { info, map } = choice;
    for (const column of columns) column.select(column.info === info ? map : undefined);
    const [activations, view] = await Promise.all([shown.activations(info.name), shown.view()]);
    if (selected !== choice) return;
    byId('map-detail').hidden = false;
    overlay.showImage(view);
    showLarge(activations, choice);
  }

  function showLarge(activations: Activations, { info, map }: Selected) {
    const [count, , channels] = activations.shape as [number, number, number];
    const max = peaksOf(activations)[map]!;
    const value = (row: number, column: number) =>
      activations.data[(row * count + column) * channels + map]! / (max || 1);
    drawHeatMap(byId<HTMLCanvasElement>('map-large'), { height: count, width: count, value });
    overlay.showMap({ count, step: info.step, value });
    const where = max > 0 ? `Its largest number is ${max.toFixed(1)}.` : 'It is 0 everywhere.';
    byId('map-text').textContent =
      `Map ${map + 1} of ${channels} of ${info.name}: ${count} × ${count} numbers. ${where} ${info.description}`;
    byId<HTMLAnchorElement>('map-link').href = `inside/#${info.name}`;
  }

  return {
    element: byId('network-figure'),
    async show(scene) {
      if (!columns.length) create(scene);
      shown = scene;
      input.replaceChildren(await scene.view());
      for (const column of columns) column.show(await scene.activations(column.info.name));
      output.replaceChildren(
        ...(await scene.predictions()).map(({ label, probability }) =>
          createElement(
            'li',
            {},
            `${label} `,
            createElement('b', {}, formatPercent(probability, 1)),
          ),
        ),
      );
      if (selected) await select({ ...selected });
    },
  };
}
