/** checkSameClasses: that models tell the same classes apart, in whichever order. */
import { OptionsError } from '../errors';

/** @throws OptionsError naming the first difference. */
export function checkSameClasses(models: readonly { readonly labels: readonly string[] }[]): void {
  const [first, ...others] = models;
  for (const [i, { labels }] of others.entries()) {
    const lacks = first!.labels.find((label) => !labels.includes(label));
    const more = labels.find((label) => !first!.labels.includes(label));
    if (lacks === undefined && more === undefined) continue;
    const difference = [
      lacks === undefined ? '' : `lacks "${lacks}"`,
      more === undefined ? '' : `has "${more}"`,
    ]
      .filter((text) => text)
      .join(' and ');
    throw new OptionsError(
      `ensemble: the models tell the same classes apart, but model ${i + 1} ${difference}, unlike model 0. Leave it out.`,
    );
  }
}
