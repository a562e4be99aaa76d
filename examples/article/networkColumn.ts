/** networkColumn: a layer of figure 2, with its strongest maps or its units for each tower. */
import type { Activations } from 'alexnet-ts';
import { button, createElement } from '../gallery/elements';
import type { LayerInfo } from '../gallery/layerInfo';
import { drawMap, drawUnits, strongestMaps } from './mapTiles';
import { peaksOf } from './normalization';

const MAPS = 3;
const UNITS_PER_ROW = 16;

export interface LayerColumn {
  readonly info: LayerInfo;
  readonly element: HTMLElement;
  show(activations: Activations): void;
  /** Marks a map as chosen; undefined marks none. */
  select(map: number | undefined): void;
}

export interface LayerColumnOptions {
  towers: 1 | 2;
  /** The shape after pooling, if a pooling layer follows. */
  pooled: readonly number[] | undefined;
  onSelect: (map: number) => void;
}

export function layerColumn(info: LayerInfo, options: LayerColumnOptions): LayerColumn {
  const { towers, pooled, onSelect } = options;
  const [side] = info.shape as [number];
  const channels = info.shape.at(-1)!;
  const isUnits = info.shape.length === 1;
  const perTower = channels / towers;
  let shownMaps: number[] = [];
  const groups = Array.from({ length: towers }, (_, tower) =>
    isUnits
      ? [createElement('canvas', { className: 'units', role: 'img' })]
      : Array.from({ length: MAPS }, (_, i) => {
          const choose = button('', () => onSelect(shownMaps[MAPS * tower + i]!));
          choose.append(createElement('canvas'));
          return choose;
        }),
  );
  const size = isUnits
    ? `${towers === 2 ? '2\u00a0×\u00a0' : ''}${perTower}\u00a0units`
    : mapsText();
  const label = createElement('p', { className: 'label' }, createElement('strong', {}, info.name));
  label.append(` ${size}`);
  const element = createElement(
    'div',
    { className: 'layer' },
    ...groups.map((group, tower) =>
      createElement('div', { className: `tower tower-${tower + 1}` }, ...group),
    ),
    label,
  );
  element.style.setProperty('--tile', `${isUnits ? 2 : 1.6 + 0.05 * side}rem`);

  function mapsText() {
    const count = towers === 2 ? `2\u00a0×\u00a0${perTower}` : String(channels);
    const size = (shape: readonly number[]) => `${shape[0]}\u00a0×\u00a0${shape[1]}`;
    return `${size(info.shape)}, ${count}\u00a0maps${pooled ? `, pooled to ${size(pooled)}` : ''}`;
  }

  return {
    info,
    element,
    show(activations) {
      if (isUnits) {
        groups.forEach(([canvas], tower) => {
          const own = activations.data.slice(perTower * tower, perTower * (tower + 1));
          const active = own.filter((value) => value > 0).length;
          drawUnits(canvas as HTMLCanvasElement, own, UNITS_PER_ROW);
          canvas!.ariaLabel = `${info.name}: ${active} of ${perTower} units are active`;
        });
        return;
      }
      const peaks = peaksOf(activations);
      shownMaps = groups.flatMap((_, tower) =>
        strongestMaps(peaks, MAPS, perTower * tower, perTower * (tower + 1)),
      );
      groups.flat().forEach((choose, i) => {
        const map = shownMaps[i]!;
        drawMap(choose.firstElementChild as HTMLCanvasElement, activations, map, peaks[map]!);
        choose.ariaLabel = `${info.name}, map ${map + 1} of ${channels}`;
      });
    },
    select(map) {
      if (isUnits) return;
      groups.flat().forEach((choose, i) => {
        choose.ariaPressed = String(shownMaps[i] === map);
      });
    },
  };
}
