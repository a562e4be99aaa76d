/** rates: how many answers came in the last two seconds, and how long one took. */

const SPAN = 2000;

export interface Rates {
  /** One more answer at `now`, which took so many milliseconds. */
  add(now: number, milliseconds: number): { perSecond: number; milliseconds: number };
  clear(): void;
}

export function rates(): Rates {
  let answers: { now: number; milliseconds: number }[] = [];
  return {
    add(now, milliseconds) {
      answers.push({ now, milliseconds });
      const recent = answers.filter((answer) => now - answer.now < SPAN);
      answers = recent.length > 1 ? recent : answers.slice(-2); // a slow machine gives fewer than one a second
      const span = now - answers[0]!.now;
      const sum = answers.reduce((total, answer) => total + answer.milliseconds, 0);
      return {
        perSecond: span ? (1000 * (answers.length - 1)) / span : 0,
        milliseconds: sum / answers.length,
      };
    },
    clear() {
      answers = [];
    },
  };
}
