/** Trains a network with ReLU and one with tanh until both reach 25 % training error. */
import { learningCurves } from '../gallery/learningCurves';
import { byId, createElement } from '../gallery/elements';
import { statusLine } from '../gallery/statusLine';
import { SHAPES, SIDE, shapesDataset, pixelsOf } from '../gallery/figure1/shapesDataset.mjs';
import { TARGET_ERROR } from '../gallery/figure1/targetError.mjs';
import { Comparison, EPOCHS, NAMES, type EpochErrors } from '../gallery/figure1/comparison';
import { summarize, type TargetEpochs } from '../gallery/figure1/summary';

const status = statusLine(byId('status'));
const chart = learningCurves(
  byId('curves'),
  [
    { name: NAMES.relu, scale: 'accuracy' },
    { name: NAMES.tanh, scale: 'accuracy' },
  ],
  { label: 'epoch', height: 320 },
);
const field = (id: string) => byId<HTMLInputElement | HTMLSelectElement>(id);
const [pause, stop] = [byId<HTMLButtonElement>('pause'), byId<HTMLButtonElement>('stop')];
const percent = (share: number | undefined) =>
  share === undefined ? '–' : `${Math.round(100 * share)} %`;
const comparison = new Comparison();

async function run() {
  clear();
  setRunning(true);
  status.progress('Loading TensorFlow.js and drawing the pictures …');
  const reached: TargetEpochs = {};
  let done = 0;
  try {
    const settings = {
      relu: +field('rate-relu').value,
      tanh: +field('rate-tanh').value,
      count: +field('count').value,
    };
    for await (const errors of comparison.run({ ...settings, seed: +field('seed').value })) {
      done = errors.epoch;
      show(errors, reached);
      if (reached.relu && reached.tanh) break;
    }
    const finished = (reached.relu && reached.tanh) || done === EPOCHS;
    if (finished) byId('result').textContent = summarize(reached, done);
    byId('result').hidden = !finished;
    status.show(
      `${finished ? 'Done' : 'Stopped'} after ${done} epochs. Try another seed, other learning rates or more pictures.`,
    );
  } catch (error) {
    status.fail(error);
  } finally {
    setRunning(false);
  }
}

function show({ epoch, ...errors }: EpochErrors, reached: TargetEpochs) {
  chart.add(epoch, [errors.relu, errors.tanh]);
  for (const key of ['relu', 'tanh'] as const) {
    if (reached[key] || !(errors[key]! <= TARGET_ERROR)) continue;
    reached[key] = epoch;
    chart.addLine({
      x: epoch,
      text: `${NAMES[key]}: ${epoch}`,
      color: key === 'relu' ? '--tower-1' : '--tower-2',
    });
  }
  if (!comparison.paused)
    status.progress(
      `Epoch ${epoch}. ReLU error: ${percent(errors.relu)}, tanh error: ${percent(errors.tanh)}.`,
    );
}

function clear() {
  chart.clear();
  chart.addLine({ y: TARGET_ERROR, scale: 'accuracy', text: '25 %' });
  byId('result').hidden = true;
}

function setRunning(running: boolean) {
  byId<HTMLFieldSetElement>('fields').disabled = running;
  for (const id of ['train', 'next-seed']) byId<HTMLButtonElement>(id).disabled = running;
  pause.disabled = stop.disabled = !running;
  pause.textContent = 'Pause';
}

byId('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
byId('next-seed').addEventListener('click', () => {
  field('seed').value = String(+field('seed').value + 1);
  byId<HTMLFormElement>('settings').requestSubmit();
});
stop.addEventListener('click', () => comparison.stop());
pause.addEventListener('click', () => {
  if (comparison.paused) comparison.resume();
  else comparison.pause();
  pause.textContent = comparison.paused ? 'Resume' : 'Pause';
  if (comparison.paused) status.show('Paused.');
});

const { values, classes } = shapesDataset(6 * SHAPES.length);
byId('shapes').append(
  ...classes.map((shape, index) => {
    const canvas = createElement('canvas', {
      width: SIDE,
      height: SIDE,
      role: 'img',
      ariaLabel: SHAPES[shape]!,
      title: SHAPES[shape]!,
    });
    canvas.getContext('2d')!.putImageData(new ImageData(pixelsOf(values, index), SIDE, SIDE), 0, 0);
    return canvas;
  }),
);
clear();
status.show('Ready. Training takes about ten seconds.');
