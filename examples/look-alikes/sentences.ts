/** sentences: what the page says of an indexing: how far it is, and what it came to. */
import { duration, inDigits as count, inWords } from '../gallery/inWords';
import type { Outcome, Pace } from './indexing';
import type { PictureIndex } from './pictureIndex';

const pictures = (number: number): string => inWords(number, 'picture');

/** From the first few pictures on there is an estimate. */
export function paceSentence({ done, total, perSecond, secondsLeft }: Pace): string {
  if (done < 3) return `${count(done)} of ${count(total)} …`;
  const calm =
    total >= 500 ? ' You may cancel at any time and go on later: what is done is kept.' : '';
  return `${count(done)} of ${count(total)}: ${perSecond.toFixed(1)} pictures a second, about ${duration(secondsLeft)} left.${calm}`;
}

export function outcomeSentence({ added, known, leftOut, cancelled }: Outcome): string {
  const parts = [`${cancelled ? 'Cancelled: ' : ''}${pictures(added)} added`];
  if (known) parts.push(`${count(known)} ${known === 1 ? 'was' : 'were'} there already`);
  if (leftOut.length) parts.push(`${count(leftOut.length)} left out`);
  return `${parts.join(', ')}.`;
}

export function restSentence({ entries, kept }: PictureIndex): string {
  const where = kept ? 'kept in this browser' : 'until you leave: this browser keeps nothing here';
  return entries.length
    ? `The index has ${pictures(entries.length)}, ${where}.`
    : 'The index is empty.';
}
