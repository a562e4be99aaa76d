/** messages: the progress and the result of indexing, in words. */
import { countOf, formatCount, formatDuration } from '../gallery/format';
import type { IndexingProgress, IndexingResult } from './indexing';
import type { PictureIndex } from './pictureIndex';

const pictures = (count: number): string => countOf(count, 'picture');

/** Includes an estimate after the first few pictures. */
export function progressMessage(progress: IndexingProgress): string {
  const { done, total, perSecond, secondsLeft } = progress;
  const position = `${formatCount(done)} of ${formatCount(total)}`;
  if (done < 3) return `${position} …`;
  const hint =
    total >= 500 ? ' You can cancel and continue later: finished pictures stay in the index.' : '';
  return `${position}: ${perSecond.toFixed(1)} pictures per second, about ${formatDuration(secondsLeft)} left.${hint}`;
}

export function resultMessage({ added, existing, skipped, canceled }: IndexingResult): string {
  const parts = [`${canceled ? 'Canceled: ' : ''}${pictures(added)} added`];
  if (existing) parts.push(`${formatCount(existing)} already in the index`);
  if (skipped.length) parts.push(`${formatCount(skipped.length)} skipped`);
  return `${parts.join(', ')}.`;
}

export function indexMessage({ entries, persistent }: PictureIndex): string {
  const where = persistent
    ? 'stored in this browser'
    : 'until you leave this page: the browser does not allow storage';
  return entries.length
    ? `The index has ${pictures(entries.length)}, ${where}.`
    : 'The index is empty.';
}
