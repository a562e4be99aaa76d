/** Formats counts, durations, lists and sizes for people. */

let numberFormat: Intl.NumberFormat | undefined;

/** `2,000`. */
export const formatCount = (count: number): string =>
  // The first one takes 20 to 45 ms.
  (numberFormat ??= new Intl.NumberFormat('en-US')).format(count);

/** `1 picture`, `2,000 pictures`. */
export const countOf = (count: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(count)} ${count === 1 ? noun : plural}`;

/** `8 %`. */
export const formatPercent = (share: number, digits = 0): string =>
  `${(100 * share).toFixed(digits)} %`;

/** `20 seconds`, `3 minutes`, rounded as an estimate should be. */
export function formatDuration(seconds: number): string {
  if (seconds < 90)
    return countOf(
      Math.max(1, seconds < 10 ? Math.round(seconds) : 5 * Math.round(seconds / 5)),
      'second',
    );
  return countOf(Math.round(seconds / 60), 'minute');
}

/** `, about 20 seconds left`, or '' while there is too little to estimate from. */
export function timeLeft(start: number, done: number, total: number): string {
  const seconds = (performance.now() - start) / 1000;
  if (done === 0 || done === total || seconds < 1) return '';
  return `, about ${formatDuration((seconds / done) * (total - done))} left`;
}

/** `mug, key, and pawn`. */
export const formatList = (names: readonly string[]): string =>
  new Intl.ListFormat('en-US').format(names);

/** `1.2 MB`. */
export const formatBytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
