/** fit: the trainer's weights at the end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fit, type FitOptions } from './fit';
import type { StepReport } from './loop';
import type { TrainerState } from './trainer';

/**
 * Runs epochs of one step each, with these losses. Returns the epoch whose weights the trainer has
 * at the end.
 */
async function fitted(
  losses: readonly number[],
  { stopAfter, ...options }: FitOptions & { stopAfter?: number },
) {
  let epoch = 0;
  let restored: number | undefined;
  const trainer = {
    state: async () => ({ weights: { epoch: Float32Array.of(epoch) }, velocities: {} }),
    restore: ({ weights }: TrainerState) => void (restored = weights.epoch![0]),
  };
  async function* steps(): AsyncGenerator<StepReport, void, void> {
    for (const loss of losses) {
      epoch++;
      const completed = { epoch, epochs: losses.length, loss, accuracy: 0, factor: 1 };
      yield { ...completed, step: epoch, steps: losses.length, completed };
    }
  }
  const control = { ready: async () => epoch !== stopAfter };
  await fit(trainer, steps(), { ...options, control });
  return restored ?? epoch;
}

describe('fit', () => {
  it('ends with the weights of the last step', async () =>
    assert.equal(await fitted([1, 0.5, 0.9, 0.8], {}), 4));

  it('ends with those of the best epoch when it is stopped', async () =>
    assert.equal(await fitted([1, 0.5, 0.9, 0.8], { stopAfter: 3 }), 2));

  it('ends with those of the best epoch with early stopping', async () =>
    assert.equal(await fitted([1, 0.5, 0.9, 0.8, 0.1], { earlyStopping: { patience: 2 } }), 2));
});
