/** linkBetween: lines between two layers of figure 2, which show how the towers are connected. */
import type { LayerInfo } from '../gallery/layerInfo';

/** Vertical positions of the two towers and of what they share, in a drawing of 40 × 100. */
const [UPPER, LOWER, SHARED] = [25, 75, 50];

/** The layers of the paper that see both towers. */
const SEES_BOTH = ['conv3', 'fc6', 'fc7'];

/** `from` is undefined for the input, and `to` for the classes. */
export function linkBetween(
  from: LayerInfo | undefined,
  to: LayerInfo | undefined,
  towers: 1 | 2,
): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 40 100');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', 'link');
  svg.setAttribute('aria-hidden', 'true');
  for (const [start, end] of linesBetween(from, to, towers)) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', `M0 ${start}C20 ${start} 20 ${end} 40 ${end}`);
    if (start !== SHARED) path.setAttribute('class', start === UPPER ? 'upper' : 'lower');
    svg.append(path);
  }
  return svg;
}

function linesBetween(
  from: LayerInfo | undefined,
  to: LayerInfo | undefined,
  towers: 1 | 2,
): [number, number][] {
  if (towers === 1) return [[SHARED, SHARED]];
  const starts = from ? [UPPER, LOWER] : [SHARED];
  const ends = to ? [UPPER, LOWER] : [SHARED];
  const crosses = !from || !to || SEES_BOTH.includes(to.name);
  return starts.flatMap((start) =>
    ends.filter((end) => crosses || end === start).map((end): [number, number] => [start, end]),
  );
}
