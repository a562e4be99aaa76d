/** resultOf: what came of a race, in a sentence or two, beside what the paper says. */

/** The epoch in which each first had the goal's training error or less. */
export interface Crossings {
  relu?: number;
  tanh?: number;
}

const PAPER = 'The paper has six times, on CIFAR-10.';
const times = (ratio: number) => `${ratio.toFixed(1).replace(/\.0$/, '')} times`;
const after = (epochs: number) => `after ${epochs} epoch${epochs === 1 ? '' : 's'}`;

/** `epochs` were done in all. */
export function resultOf({ relu, tanh }: Crossings, epochs: number): string {
  if (relu === undefined && tanh === undefined) {
    return `Neither came to 25 % training error in ${epochs} epochs. Try other learning rates or more pictures.`;
  }
  if (tanh === undefined) {
    return `ReLU came to 25 % training error ${after(relu!)}, tanh not in ${epochs}: more than ${times(epochs / relu!)} as many. ${PAPER}`;
  }
  if (relu === undefined)
    return `tanh came to 25 % training error ${after(tanh)}, ReLU not in ${epochs}. Try another learning rate for it.`;
  const both = `ReLU came to 25 % training error ${after(relu)}, tanh ${after(tanh)}`;
  if (relu === tanh) return `${both}: as fast as each other. ${PAPER}`;
  if (relu > tanh) return `${both}: here tanh was the faster. Try other learning rates. ${PAPER}`;
  return `${both}: ${times(tanh / relu)} as many. ${PAPER}`;
}
