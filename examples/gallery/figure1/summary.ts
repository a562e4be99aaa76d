/** summarize: the result of a comparison in a sentence, next to that of the paper. */

/** The first epoch in which each network reached the target error. */
export interface TargetEpochs {
  relu?: number;
  tanh?: number;
}

const PAPER = 'In the paper, six times, on CIFAR-10.';
const times = (ratio: number) => `${ratio.toFixed(1).replace(/\.0$/, '')} times`;
const inEpochs = (count: number) => `in ${count} epoch${count === 1 ? '' : 's'}`;

/** @param epochs number of epochs trained */
export function summarize({ relu, tanh }: TargetEpochs, epochs: number): string {
  if (relu === undefined && tanh === undefined)
    return `Neither reached 25 % training error in ${epochs} epochs. Try other learning rates or more pictures.`;
  if (tanh === undefined)
    return `ReLU reached 25 % training error ${inEpochs(relu!)}; tanh did not in ${epochs}: more than ${times(epochs / relu!)} as many. ${PAPER}`;
  if (relu === undefined)
    return `tanh reached 25 % training error ${inEpochs(tanh)}; ReLU did not in ${epochs}. Try another learning rate for ReLU.`;
  const both = `ReLU reached 25 % training error ${inEpochs(relu)}, tanh ${inEpochs(tanh)}`;
  if (relu === tanh) return `${both}: equally fast. ${PAPER}`;
  if (relu > tanh) return `${both}: tanh was faster. Try other learning rates. ${PAPER}`;
  return `${both}: ${times(tanh / relu)} as many. ${PAPER}`;
}
