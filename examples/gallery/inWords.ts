/** inWords: counts and times as a person would say them. */

const NUMBER = new Intl.NumberFormat('en-GB');

/** `2,000`. */
export const inDigits = (count: number): string => NUMBER.format(count);

/** `1 picture`, `2,000 pictures`. */
export const inWords = (count: number, noun: string, plural = `${noun}s`): string =>
  `${inDigits(count)} ${count === 1 ? noun : plural}`;

/** `20 seconds`, `3 minutes`: no more exact than a guess can be. */
export function duration(seconds: number): string {
  if (seconds < 90)
    return inWords(
      Math.max(1, seconds < 10 ? Math.round(seconds) : 5 * Math.round(seconds / 5)),
      'second',
    );
  return inWords(Math.round(seconds / 60), 'minute');
}

/** `, about 20 seconds more`, once there is something to go by. */
export function remaining(start: number, done: number, total: number): string {
  const seconds = (performance.now() - start) / 1000;
  if (done === 0 || done === total || seconds < 1) return '';
  return `, about ${duration((seconds / done) * (total - done))} more`;
}

/** `mug, key and pawn`. */
export const list = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB').format(names);

/** `1.2 MB`. */
export const size = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
