/** layerView: a layer's activations: its maps in an atlas for each tower, or its numbers as one grid. */
import type { Activations } from 'alexnet-ts';
import { atlas, type Atlas } from '../gallery/atlas';
import { button, make } from '../gallery/elements';
import { drawMap, heat } from '../gallery/maps';
import { shapeOf, type LayerFacts } from './layers';

export interface ViewChoices {
  order: 'strength' | 'number';
  /** What is brightest: the layer's largest value, or each map's own. */
  top: 'layer' | 'map';
}

export interface LayerView {
  readonly facts: LayerFacts;
  readonly element: HTMLElement;
  /** What was last shown, unless another picture has come since. */
  readonly activations: Activations | undefined;
  show(activations: Activations): void;
  choose(choices: ViewChoices): void;
  /** Another picture came: what is drawn is of the last one. */
  outdate(): void;
  mark(channel: number | undefined): void;
}

/** So many maps are shown until one asks for all. */
const FIRST = 48;
/** A layer of units is drawn so many to a row: that of these which fills its rows. */
const ROWS = [128, 100];
const HEAT = Uint8ClampedArray.from({ length: 4 * 256 }, (_, i) =>
  i % 4 < 3 ? heat((i >> 2) / 255)[i % 4]! : 255,
);

/** `onPick` is told the channel. */
export function layerView(
  facts: LayerFacts,
  choices: ViewChoices,
  onPick: (channel: number) => void,
): LayerView {
  const { name, shape, what, towers } = facts;
  const channels = shape.at(-1)!;
  const body = make(
    'div',
    { className: 'body' },
    make('p', { className: 'note' }, 'Computed when it comes into view …'),
  );
  const title = make(
    'h2',
    { id: `${name}-title` },
    `${name} `,
    make('span', { className: 'shape' }, shapeOf(shape)),
  );
  const element = make(
    'section',
    { className: 'layer', id: name },
    title,
    make('p', { className: 'note' }, what),
    body,
  );
  element.setAttribute('aria-labelledby', title.id);

  let activations: Activations | undefined;
  let grids: { atlas: Atlas; of: number[] }[] = [];
  let peaks: number[] = [];
  let all = channels <= FIRST;
  let picked: number | undefined;

  function maps() {
    const side = shape[0]!;
    const draw = (channel: number, pixels: Uint8ClampedArray) => {
      if (!activations) return;
      const top = (choices.top === 'map' ? peaks[channel]! : Math.max(...peaks)) || 1;
      for (let place = 0; place < side * side; place++) {
        const level = Math.round(
          255 * Math.min(Math.max(activations.data[place * channels + channel]! / top, 0), 1),
        );
        pixels.set(HEAT.subarray(4 * level, 4 * level + 4), 4 * place);
      }
    };
    const parts = towers ? [1, 2] : [0];
    const more = button(`Show all ${channels} maps`, () => {
      all = !all;
      more.textContent = all ? `Show ${FIRST} maps` : `Show all ${channels} maps`;
      arrange();
    });
    body.replaceChildren();
    grids = parts.map((tower) => {
      const box = make('div', { className: `tower-${tower}` });
      const named = (channel: number) =>
        `${name}, map ${channel + 1} of ${channels}, strongest ${peaks[channel]!.toFixed(2)}`;
      if (tower) body.append(make('h3', { className: `tower-${tower}` }, `Tower ${tower}`));
      body.append(box);
      const from = tower === 2 ? channels / 2 : 0;
      const of = Array.from({ length: channels / parts.length }, (_, i) => from + i);
      const label = tower ? `Maps of ${name}, tower ${tower}` : `Maps of ${name}`;
      return { of, atlas: atlas(box, { label, side, draw, name: named, onPick }) };
    });
    if (channels > FIRST) body.append(more);
  }

  function arrange() {
    for (const { atlas, of } of grids) {
      const order =
        choices.order === 'strength' ? of.toSorted((a, b) => peaks[b]! - peaks[a]!) : of;
      atlas.show(all ? order : order.slice(0, FIRST / grids.length));
      atlas.mark(picked);
    }
  }

  function units({ data }: Activations) {
    const canvas = make('canvas', { className: 'units', role: 'img' });
    const top = data.reduce((most, value) => Math.max(most, value), 1e-6);
    const positive = data.filter((value) => value > 0).length;
    const columns = ROWS.find((each) => data.length % each === 0) ?? ROWS[0]!;
    drawMap(
      canvas,
      Math.ceil(data.length / columns),
      columns,
      (row, column) => (data[columns * row + column] ?? 0) / top,
    );
    canvas.ariaLabel = `${data.length} numbers, ${positive} of them above 0`;
    body.replaceChildren(
      canvas,
      make(
        'p',
        { className: 'note' },
        `${positive} of ${data.length} are above 0; the largest is ${top.toFixed(2)}.`,
      ),
    );
  }

  return {
    facts,
    element,
    get activations() {
      return activations;
    },
    show(given) {
      activations = given;
      element.classList.remove('old');
      if (shape.length === 1) return units(given);
      peaks = Array.from({ length: channels }, () => 0);
      given.data.forEach(
        (value, i) => (peaks[i % channels] = Math.max(peaks[i % channels]!, value)),
      );
      if (!grids.length) maps();
      arrange();
    },
    choose(chosen) {
      choices = chosen;
      if (activations) arrange();
    },
    outdate() {
      element.classList.add('old');
      activations = undefined;
    },
    mark(channel) {
      picked = channel;
      for (const { atlas } of grids) atlas.mark(channel);
    },
  };
}
