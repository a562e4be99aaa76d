/** createRace: figure 1, with curves that grow as the two networks train. Loaded when needed. */
import { learningCurves } from '../gallery/learningCurves';
import { Comparison, NAMES, type ComparisonOptions } from '../gallery/figure1/comparison';
import { summarize, type TargetEpochs } from '../gallery/figure1/summary';
import { TARGET_ERROR } from '../gallery/figure1/targetError.mjs';

export function createRace(element: HTMLElement, settings: ComparisonOptions) {
  const comparison = new Comparison();
  const chart = learningCurves(
    element,
    [
      { name: NAMES.relu, scale: 'accuracy' },
      { name: NAMES.tanh, scale: 'accuracy' },
    ],
    { label: 'epoch', height: 280 },
  );
  let { seed } = settings;
  return {
    /** Runs until both have reached the target. Resolves to a sentence with the result. */
    async run(onText: (text: string) => void): Promise<string> {
      const reached: TargetEpochs = {};
      let done = 0;
      chart.clear();
      chart.addLine({ y: TARGET_ERROR, scale: 'accuracy', text: '25 %' });
      for await (const { epoch, ...errors } of comparison.run({ ...settings, seed: seed++ })) {
        done = epoch;
        chart.add(epoch, [errors.relu, errors.tanh]);
        onText(`Epoch ${epoch}. In each epoch, both networks see all pictures once.`);
        for (const name of ['relu', 'tanh'] as const) {
          if (reached[name] || !(errors[name]! <= TARGET_ERROR)) continue;
          reached[name] = epoch;
          chart.addLine({
            x: epoch,
            text: `${NAMES[name]}: ${epoch}`,
            color: name === 'relu' ? '--tower-1' : '--tower-2',
          });
        }
        if (reached.relu && reached.tanh) break;
      }
      return summarize(reached, done);
    },
  };
}
