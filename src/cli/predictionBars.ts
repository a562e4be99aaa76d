/** Draws predictions as bars of text. */
import type { Prediction } from '../prediction/topK';
import { oneLine } from './terminal';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Draws a bar of `share` times `width` characters, in eighths of a character. */
function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

/** Returns a line for each class: label, bar, percentage. */
export function bars(predictions: readonly Prediction[], width = 30): string {
  const shown = predictions.map((one) => ({ ...one, label: oneLine(one.label) }));
  const longest = Math.max(0, ...shown.map(({ label }) => label.length));
  return shown
    .map(
      ({ label, probability }) =>
        `  ${label.padEnd(longest)}  ${bar(probability, width).padEnd(width)}  ${(100 * probability).toFixed(1).padStart(5)} %`,
    )
    .join('\n');
}
