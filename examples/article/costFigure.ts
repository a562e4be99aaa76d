/** costFigure: what the network costs on this device, measured. */
import type { Model } from 'alexnet-ts/worker';
import { byId } from '../gallery/elements';
import { engineName } from '../gallery/engineName';
import { formatCount } from '../gallery/format';
import type { Figure } from './figures';
import type { Scene } from './scene';

const RUNS = 7;
/** Forward passes of the paper's training: pictures × epochs × 3. A backward pass counts as two. */
const TRAINING_PASSES = 1.2e6 * 90 * 3;
const DAY = 86_400;

export function costFigure(): Figure {
  const again = byId<HTMLButtonElement>('cost-again');
  let latest: Scene | undefined;

  async function measure(scene: Scene) {
    latest = scene;
    again.disabled = true;
    byId('cost-status').textContent = 'Measuring …';
    try {
      show(scene.model, await medianTime(scene));
      byId('cost-status').textContent = `Median of ${RUNS} runs with ${scene.picture.name}.`;
    } finally {
      again.disabled = false;
    }
  }

  again.addEventListener('click', () => latest && void measure(latest));
  return { element: byId('cost-figure'), show: measure };
}

/** Returns the time for one picture without decoding, in seconds. */
async function medianTime(scene: Scene): Promise<number> {
  const bitmap = await createImageBitmap(await scene.view());
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await scene.model.classify(bitmap);
    times.push((performance.now() - start) / 1000);
  }
  bitmap.close();
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!;
}

function show(model: Model, seconds: number) {
  const { multiplyAdds, parameters } = model.summary();
  const { threads } = model;
  const days = (TRAINING_PASSES * seconds) / DAY;
  const text: Record<string, string> = {
    device: `${engineName(model.backend)}${threads > 1 ? `, ${threads} threads` : ''}`,
    parameters: formatCount(parameters),
    time: `${Math.round(1000 * seconds)} ms: ${(multiplyAdds / seconds / 1e9).toFixed(1)} billion multiply-adds a second`,
    training: `about ${days < 1000 ? `${Math.round(days)} days` : `${Math.round(days / 365)} years`} at this speed (estimated)`,
  };
  for (const [name, value] of Object.entries(text)) byId(`cost-${name}`).textContent = value;
}
