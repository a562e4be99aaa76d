/** wording: what the page says of a filter, in words and as a tick upon a scale. */
import { make } from '../gallery/elements';
import { SIZE, fieldOf, type Strongest } from './strongest';

/** The first 48 filters feed one half of conv2, the others the other. */
export const towerOf = (filter: number) => (filter < 48 ? 1 : 2);

export const percent = (share: number) => `${Math.round(100 * share)} %`;

/** `count` × `count` is the size of its map. */
export function sentence(filter: number, colour: number, best: Strongest, count: number): string {
  const who = `Filter ${filter + 1}, of tower ${towerOf(filter)}, is ${percent(colour)} colour.`;
  if (best.value <= 0) return `${who} It is silent: nowhere in this picture is what it looks for.`;
  const { row, column } = fieldOf(best);
  return (
    `${who} Its strongest answer, ${best.value.toFixed(2)}, is at row ${best.row}, column ${best.column} of its ${count} × ${count} map: ` +
    `pixels ${column} to ${column + SIZE - 1} across and ${row} to ${row + SIZE - 1} down.`
  );
}

/** A filter's share of colour, on a scale from 0 to 1. */
export function tick(colour: number, tower: number): HTMLElement {
  const line = make('span', { className: `tick tower-${tower}` });
  line.style.left = `${100 * colour}%`;
  return line;
}
