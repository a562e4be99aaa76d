/** checkSameClasses: the models of an ensemble must have the same classes, in any order. */
import { OptionsError } from '../errors';

/**
 * Throws an OptionsError unless all models have the same labels. The message names the first
 * difference.
 */
export function checkSameClasses(models: readonly { readonly labels: readonly string[] }[]): void {
  const [first, ...others] = models;
  for (const [i, { labels }] of others.entries()) {
    const missing = first!.labels.find((label) => !labels.includes(label));
    const extra = labels.find((label) => !first!.labels.includes(label));
    if (missing === undefined && extra === undefined) continue;
    const differences = [
      missing === undefined ? '' : `without "${missing}"`,
      extra === undefined ? '' : `with "${extra}"`,
    ].filter((text) => text);
    throw new OptionsError(
      `ensemble: all models must have the same classes, got model ${i + 1} ${differences.join(' and ')}, unlike model 0. Leave it out.`,
    );
  }
}
