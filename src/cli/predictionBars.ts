/** Predictions as bars of text. */
import type { Prediction } from '../prediction/topK';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `share` of `width` characters, to an eighth of one. */
function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

/** One line a class: label, bar, per cent. */
export function bars(predictions: readonly Prediction[], width = 30): string {
  const longest = Math.max(0, ...predictions.map(({ label }) => label.length));
  return predictions
    .map(
      ({ label, probability }) =>
        `  ${label.padEnd(longest)}  ${bar(probability, width).padEnd(width)}  ${(100 * probability).toFixed(1).padStart(5)} %`,
    )
    .join('\n');
}
