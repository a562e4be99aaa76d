/** Describes a filter in a sentence, and marks it on a scale. */
import { createElement } from '../elements';
import { SIZE, receptiveField, type StrongestActivation } from './strongestActivation';

/** The filters of conv1 as they are connected to conv2. */
export interface FilterLayout {
  count: number;
  /** 2 if half of the filters feed one half of conv2, as in the paper; else 1. */
  towers: 1 | 2;
  /** The padding of conv1. */
  pad: number;
}

/** Returns 1 or 2. */
export const towerOf = (filter: number, { count, towers }: FilterLayout) =>
  towers === 2 && 2 * filter >= count ? 2 : 1;

export const percent = (share: number) => `${Math.round(100 * share)} %`;

/** `mapSize` × `mapSize` is the size of the activation map. */
export function filterSummary(
  { filter, color, best }: { filter: number; color: number; best: StrongestActivation },
  mapSize: number,
  layout: FilterLayout,
): string {
  const tower = layout.towers === 2 ? ` (tower ${towerOf(filter, layout)})` : '';
  const summary = `Filter ${filter + 1}${tower}: ${percent(color)} color.`;
  if (best.value <= 0) return `${summary} It is not active anywhere in this picture.`;
  const { row, column } = receptiveField(best, layout.pad);
  return (
    `${summary} Strongest activation: ${best.value.toFixed(2)}, at row ${best.row}, column ${best.column} of its ${mapSize} × ${mapSize} map ` +
    `(x ${column} to ${column + SIZE - 1}, y ${row} to ${row + SIZE - 1} in the input).`
  );
}

/** Returns a tick at the filter's share of color, on a scale from 0 to 1. */
export function tick(color: number, tower: number): HTMLElement {
  const line = createElement('span', { className: `tick tower-${tower}` });
  line.style.left = `${100 * color}%`;
  return line;
}
