/** figures: puts measured values into pages, from the manifest of the shipped weights. */
import { readFileSync } from 'node:fs';
import { DEFAULT_SET, weightFigures } from '../../build/figures.mjs';

const manifest = JSON.parse(
  readFileSync(new URL(`../../${DEFAULT_SET}/model.json`, import.meta.url), 'utf8'),
);
const { resize } = manifest.preprocessing;

/** By the names that build/figures.mjs uses for README.md. */
export const figures = {
  ...weightFigures(manifest),
  'weights.pixels': `${resize} × ${resize}`,
};

/**
 * Replaces every `{{name}}` in a text.
 *
 * @param {string} text
 * @param {Record<string, string>} values
 * @throws Error if there is no such value.
 */
export function fillIn(text, values) {
  return text.replace(/\{\{([\w.]+)\}\}/g, (placeholder, name) => {
    if (values[name] === undefined) throw new Error(`${placeholder}: there is no such figure.`);
    return values[name];
  });
}
