/**
 * Learning rate schedules. A schedule has no state; its state is plain data, which a checkpoint
 * stores.
 */
import { FROM_ZERO, checkOptions, integer, rule, type Rules } from '../../platform/checkOptions';
import { PLATEAU } from '../defaults';

/** The state of a schedule. */
export interface ScheduleState {
  /** The factor of each layer's learning rate. */
  factor: number;
  /** Whether training should end. */
  done: boolean;
  /** The lowest error so far; null before the first epoch. */
  best: number | null;
  /** Epochs since the lowest error. */
  waited: number;
  /** How often the rate has been divided. */
  lowered: number;
}

/** How the learning rate changes from epoch to epoch. */
export interface Schedule {
  /** Returns the state before the first epoch. */
  start(): ScheduleState;
  /**
   * Returns the state after an epoch with this validation error, or without validation, this
   * training loss.
   */
  next(state: ScheduleState, error: number): ScheduleState;
}

const START: ScheduleState = { factor: 1, done: false, best: null, waited: 0, lowered: 0 };

/** Returns a schedule that keeps the learning rate constant. */
export const constantRate = (): Schedule => ({ start: () => START, next: (state) => state });

/** Options of `plateau`. */
export interface PlateauOptions {
  /** Epochs without a lower error after which the rate is divided. @default 5 */
  patience?: number | undefined;
  /** The divisor of the rate. @default 10 */
  divisor?: number | undefined;
  /**
   * How often the rate is divided. The next time that the error stops falling, training ends.
   * @default 3
   */
  times?: number | undefined;
  /** The amount by which an error must be lower to count as lower. @default 0 */
  threshold?: number | undefined;
}

const RULES: Rules<PlateauOptions> = {
  patience: rule(
    'an integer of at least 1, in epochs',
    (value) => Number.isInteger(value) && value >= 1,
  ),
  divisor: rule('a finite number above 1', (value) => Number.isFinite(value) && value > 1),
  times: integer(0),
  threshold: FROM_ZERO,
};

/**
 * Returns the paper's schedule (section 5): "divide the learning rate by 10 when the validation
 * error rate stopped improving with the current learning rate", three times.
 *
 * @throws OptionsError for an option out of range.
 */
export function plateau(options: PlateauOptions = {}): Schedule {
  checkOptions('plateau', options, RULES);
  const {
    patience = PLATEAU.patience,
    divisor = PLATEAU.divisor,
    times = PLATEAU.times,
    threshold = PLATEAU.threshold,
  } = options;
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
