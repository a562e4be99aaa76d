/** figures: measured values that pages show, read from the manifest of the shipped weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Returns the values that a page's `index.html` may show as `{{name}}`. */
export function figures(root) {
  const { labels, preprocessing, shards, accuracy } = JSON.parse(
    readFileSync(join(root, 'weights/tiny-imagenet-200/model.json'), 'utf8'),
  );
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return {
    classes: String(labels.length),
    pixels: `${preprocessing.resize} × ${preprocessing.resize}`,
    megabytes: `${(bytes / 1e6).toFixed(1)} MB`,
    top1: percent(accuracy.top1),
    top5: percent(accuracy.top5),
  };
}

/**
 * Replaces every `{{name}}` in a text.
 *
 * @throws Error if there is no such value.
 */
export function fillIn(text, values) {
  return text.replace(/\{\{(\w+)\}\}/g, (placeholder, name) => {
    if (values[name] === undefined) throw new Error(`${placeholder}: there is no such figure.`);
    return values[name];
  });
}
