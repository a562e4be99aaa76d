/** towerComparison: compares how colorful the filters of the two towers are. */
import { byId } from '../gallery/elements';
import { percent, tick, towerOf, type FilterLayout } from '../gallery/conv1/filterSummary';
import { median } from '../gallery/conv1/filterWeights';

/** Shows the share of color of each filter, and the median of each tower. */
export function compareTowers(color: readonly number[], layout: FilterLayout): void {
  const medians = [1, 2].map((n) =>
    percent(median(color.filter((_, filter) => towerOf(filter, layout) === n))),
  );
  medians.forEach((share, i) => (byId(`color-${i + 1}`).textContent = `${share} color`));
  byId('medians').textContent =
    `The median share of color is ${medians[0]} in tower 1 and ${medians[1]} in tower 2.`;
  byId('strip').ariaLabel =
    `Share of color of each filter: median ${medians[0]} in tower 1, ${medians[1]} in tower 2`;
  byId('strip').append(...color.map((share, filter) => tick(share, towerOf(filter, layout))));
}
