/** track: which weights are left at the end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { History, StepReport } from './history';
import { track, type TrackOptions } from './earlyStopping';
import type { Trainer } from './trainer';

/** A loop whose epochs are a step each, of these losses; its trainer's weights are the number of the epoch. */
async function trained(
  losses: readonly number[],
  options: Partial<TrackOptions<number>> & { stopAfter?: number },
) {
  let epoch = 0;
  let left: number | undefined;
  const trainer = {
    state: async () => ({ weights: { epoch: Float32Array.of(epoch) }, velocities: {} }),
    restore: ({ weights }: { weights: Record<string, Float32Array> }) => (left = weights.epoch![0]),
  } as unknown as Trainer;
  async function* loop(): AsyncGenerator<StepReport, History, void> {
    for (const loss of losses) {
      epoch++;
      const completed = { epoch, epochs: losses.length, loss, accuracy: 0, factor: 1 };
      yield { ...completed, step: epoch, steps: losses.length, completed };
    }
    return [];
  }
  let stopped = false;
  const steps = track(trainer, loop(), { ...options, stopped: () => stopped, make: () => 0 });
  for await (const { step } of steps) if (step === options.stopAfter) stopped = true;
  return left ?? epoch;
}

describe('track', () => {
  it('leaves the weights of the last step', async () =>
    assert.equal(await trained([1, 0.5, 0.9, 0.8], {}), 4));

  it('leaves those of the best epoch when it was stopped', async () =>
    assert.equal(await trained([1, 0.5, 0.9, 0.8], { stopAfter: 3 }), 2));

  it('leaves those of the best epoch with early stopping', async () =>
    assert.equal(await trained([1, 0.5, 0.9, 0.8, 0.1], { earlyStopping: { patience: 2 } }), 2));
});
