/** layerView: shows a layer's activations: a grid of maps per tower, or one grid of units. */
import type { Activations } from 'alexnet-ts';
import { tileGrid, type TileGrid } from '../gallery/tileGrid';
import { button, createElement } from '../gallery/elements';
import { drawHeatMap, heatColor } from '../gallery/heatMap';
import { shapeOf, type LayerInfo } from '../gallery/layerInfo';

export interface ViewOptions {
  order: 'strength' | 'number';
  /** Whether brightness is relative to the layer's maximum or to each map's. */
  scale: 'layer' | 'map';
}

export interface LayerView {
  readonly info: LayerInfo;
  readonly element: HTMLElement;
  /** The activations shown; undefined after `invalidate()`. */
  readonly activations: Activations | undefined;
  show(activations: Activations): void;
  setOptions(options: ViewOptions): void;
  /** Marks the view as belonging to the previous picture. */
  invalidate(): void;
  select(channel: number | undefined): void;
}

/** Number of maps shown before "Show all". */
const FIRST = 48;
/** Possible numbers of units per row; the first that divides the number of units is used. */
const ROW_LENGTHS = [128, 100];
const HEAT = Uint8ClampedArray.from({ length: 4 * 256 }, (_, i) =>
  i % 4 < 3 ? heatColor((i >> 2) / 255)[i % 4]! : 255,
);

/** `onSelect` is called with the channel. */
export function layerView(
  info: LayerInfo,
  options: ViewOptions,
  onSelect: (channel: number) => void,
): LayerView {
  const { name, shape, description, towers } = info;
  const channels = shape.at(-1)!;
  const body = createElement(
    'div',
    { className: 'body' },
    createElement('p', { className: 'note' }, 'Computed when you scroll here …'),
  );
  const title = createElement(
    'h2',
    { id: `${name}-title` },
    `${name} `,
    createElement('span', { className: 'shape' }, shapeOf(shape)),
  );
  const element = createElement(
    'section',
    { className: 'layer', id: name },
    title,
    createElement('p', { className: 'note' }, description),
    body,
  );
  element.setAttribute('aria-labelledby', title.id);

  let activations: Activations | undefined;
  let grids: { grid: TileGrid; channels: number[] }[] = [];
  let peaks: number[] = [];
  let showAll = channels <= FIRST;
  let selected: number | undefined;

  function createGrids() {
    const side = shape[0]!;
    const draw = (channel: number, pixels: Uint8ClampedArray) => {
      if (!activations) return;
      const max = (options.scale === 'map' ? peaks[channel]! : Math.max(...peaks)) || 1;
      for (let position = 0; position < side * side; position++) {
        const level = Math.round(
          255 * Math.min(Math.max(activations.data[position * channels + channel]! / max, 0), 1),
        );
        pixels.set(HEAT.subarray(4 * level, 4 * level + 4), 4 * position);
      }
    };
    const parts = towers ? [1, 2] : [0];
    const more = button(`Show all ${channels} maps`, () => {
      showAll = !showAll;
      more.textContent = showAll ? `Show ${FIRST} maps` : `Show all ${channels} maps`;
      arrange();
    });
    body.replaceChildren();
    grids = parts.map((tower) => {
      const box = createElement('div', { className: `tower-${tower}` });
      const tileName = (channel: number) =>
        `${name}, map ${channel + 1} of ${channels}, maximum ${peaks[channel]!.toFixed(2)}`;
      if (tower)
        body.append(createElement('h3', { className: `tower-${tower}` }, `Tower ${tower}`));
      body.append(box);
      const from = tower === 2 ? channels / 2 : 0;
      const ownChannels = Array.from({ length: channels / parts.length }, (_, i) => from + i);
      const label = tower ? `Maps of ${name}, tower ${tower}` : `Maps of ${name}`;
      return {
        channels: ownChannels,
        grid: tileGrid(box, { label, side, draw, name: tileName, onSelect }),
      };
    });
    if (channels > FIRST) body.append(more);
  }

  function arrange() {
    for (const { grid, channels: own } of grids) {
      const order =
        options.order === 'strength' ? own.toSorted((a, b) => peaks[b]! - peaks[a]!) : own;
      grid.show(showAll ? order : order.slice(0, FIRST / grids.length));
      grid.select(selected);
    }
  }

  function showUnits({ data }: Activations) {
    const canvas = createElement('canvas', { className: 'units', role: 'img' });
    const [least, most] = [Math.min(...data), Math.max(...data)];
    // Logits have no zero point: their brightness is relative to the smallest.
    const hasNegative = least < 0;
    const base = hasNegative ? least : 0;
    const range = Math.max(most - base, 1e-6);
    const active = data.filter((value) => value > 0).length;
    const columns = ROW_LENGTHS.find((each) => data.length % each === 0) ?? ROW_LENGTHS[0]!;
    drawHeatMap(canvas, {
      height: Math.ceil(data.length / columns),
      width: columns,
      value: (row, column) => ((data[columns * row + column] ?? base) - base) / range,
    });
    const summary = hasNegative
      ? `The ${data.length} outputs range from ${least.toFixed(2)} to ${most.toFixed(2)}. Softmax turns them into probabilities.`
      : `${active} of ${data.length} units are active; the maximum is ${most.toFixed(2)}.`;
    canvas.ariaLabel = summary;
    body.replaceChildren(canvas, createElement('p', { className: 'note' }, summary));
  }

  return {
    info,
    element,
    get activations() {
      return activations;
    },
    show(given) {
      activations = given;
      element.classList.remove('outdated');
      if (shape.length === 1) return showUnits(given);
      peaks = Array.from({ length: channels }, () => 0);
      given.data.forEach(
        (value, i) => (peaks[i % channels] = Math.max(peaks[i % channels]!, value)),
      );
      if (!grids.length) createGrids();
      arrange();
    },
    setOptions(changed) {
      options = changed;
      if (activations) arrange();
    },
    invalidate() {
      element.classList.add('outdated');
      activations = undefined;
    },
    select(channel) {
      selected = channel;
      for (const { grid } of grids) grid.select(channel);
    },
  };
}
