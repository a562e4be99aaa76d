/** Describes a filter in a sentence, and marks it on a scale. */
import { createElement } from '../gallery/elements';
import { SIZE, receptiveField, type StrongestActivation } from './strongestActivation';

/** The first 48 filters feed one half of conv2, the others feed the other half. */
export const towerOf = (filter: number) => (filter < 48 ? 1 : 2);

export const percent = (share: number) => `${Math.round(100 * share)} %`;

/** `count` × `count` is the size of the activation map. */
export function filterSummary(
  filter: number,
  color: number,
  best: StrongestActivation,
  count: number,
): string {
  const summary = `Filter ${filter + 1} (tower ${towerOf(filter)}): ${percent(color)} color.`;
  if (best.value <= 0) return `${summary} It is not active anywhere in this picture.`;
  const { row, column } = receptiveField(best);
  return (
    `${summary} Strongest activation: ${best.value.toFixed(2)}, at row ${best.row}, column ${best.column} of its ${count} × ${count} map ` +
    `(x ${column} to ${column + SIZE - 1}, y ${row} to ${row + SIZE - 1} in the input).`
  );
}

/** Returns a tick at the filter's share of color, on a scale from 0 to 1. */
export function tick(color: number, tower: number): HTMLElement {
  const line = createElement('span', { className: `tick tower-${tower}` });
  line.style.left = `${100 * color}%`;
  return line;
}
