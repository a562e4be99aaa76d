/** Schedules: how the learning rate changes from epoch to epoch. A schedule is a value; its state is plain data, so that a checkpoint holds it. */
import { OptionsError, describe } from '../../errors';

/** Where a schedule stands, for a checkpoint. */
export interface ScheduleState {
  /** What each layer's learning rate is multiplied with. */
  factor: number;
  /** Nothing more is to be gained: training ends. */
  done: boolean;
  /** The lowest error so far; null before the first epoch. */
  best: number | null;
  /** Epochs since it. */
  waited: number;
  /** How often the rate has been lowered. */
  lowered: number;
}

/** How the learning rate goes on from epoch to epoch. */
export interface Schedule {
  /** The state before the first epoch. */
  start(): ScheduleState;
  /** The state after an epoch with this error: of the validation pictures, or without these the training loss. */
  next(state: ScheduleState, error: number): ScheduleState;
}

const START: ScheduleState = { factor: 1, done: false, best: null, waited: 0, lowered: 0 };

/** The same rate throughout. */
export const constantRate = (): Schedule => ({ start: () => START, next: (state) => state });

/** What `plateau` may be told. */
export interface PlateauOptions {
  /** Epochs without a lower error, after which the rate is divided. @default 5 */
  patience?: number | undefined;
  /** What the rate is divided by. @default 10 */
  divisor?: number | undefined;
  /** How often; when the error stands still once more, training ends. @default 3 */
  times?: number | undefined;
  /** A fall of the error by less is none. @default 0 */
  threshold?: number | undefined;
}

/** The paper's: "divide the learning rate by 10 when the validation error rate stopped improving with the current learning rate", three times (section 5). */
export function plateau({
  patience = 5,
  divisor = 10,
  times = 3,
  threshold = 0,
}: PlateauOptions = {}): Schedule {
  const check = (option: string, value: unknown, rule: string, fits: boolean) => {
    if (!fits) throw new OptionsError(`plateau: ${option} is ${rule}, got ${describe(value)}.`);
  };
  check(
    'patience',
    patience,
    'a whole number from 1, in epochs',
    Number.isInteger(patience) && patience >= 1,
  );
  check('divisor', divisor, 'a finite number above 1', Number.isFinite(divisor) && divisor > 1);
  check('times', times, 'a whole number from 0', Number.isInteger(times) && times >= 0);
  check(
    'threshold',
    threshold,
    'a finite number from 0',
    Number.isFinite(threshold) && threshold >= 0,
  );
  return {
    start: () => START,
    next(state, error) {
      if (state.best === null || error < state.best - threshold)
        return { ...state, best: error, waited: 0 };
      const waited = state.waited + 1;
      if (waited < patience) return { ...state, waited };
      if (state.lowered === times) return { ...state, waited, done: true };
      return {
        ...state,
        waited: 0,
        lowered: state.lowered + 1,
        factor: divisor ** -(state.lowered + 1),
      };
    },
  };
}
