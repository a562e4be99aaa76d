/** ReLU against tanh: the two networks of figure 1 learn side by side, until both are right three times in four. */
import { curves } from '../gallery/curves';
import { byId, make } from '../gallery/elements';
import { status } from '../gallery/status';
import { SHAPES, SIDE, drawnShapes, pixelsOf } from './drawnShapes.mjs';
import { GOAL } from './goal.mjs';
import { EPOCHS, NAMES, Race, type Lap } from './race';
import { resultOf, type Crossings } from './resultOf';

const report = status(byId('status'));
const plot = curves(
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
const race = new Race();

async function run() {
  clear();
  running(true);
  report.progress('Fetching TensorFlow.js and drawing the pictures …');
  const crossed: Crossings = {};
  let done = 0;
  try {
    const settings = {
      relu: +field('rate-relu').value,
      tanh: +field('rate-tanh').value,
      count: +field('count').value,
    };
    for await (const lap of race.laps({ ...settings, seed: +field('seed').value })) {
      done = lap.epoch;
      show(lap, crossed);
      if (crossed.relu && crossed.tanh) break;
    }
    const over = (crossed.relu && crossed.tanh) || done === EPOCHS;
    if (over) byId('result').textContent = resultOf(crossed, done);
    byId('result').hidden = !over;
    report.say(
      `${over ? 'Done' : 'Stopped'} after ${done} epochs. Train again with another seed, other rates or more pictures.`,
    );
  } catch (error) {
    report.fail(error);
  } finally {
    running(false);
  }
}

function show({ epoch, ...errors }: Lap, crossed: Crossings) {
  plot.add(epoch, [errors.relu, errors.tanh]);
  for (const key of ['relu', 'tanh'] as const) {
    if (crossed[key] || !(errors[key]! <= GOAL)) continue;
    crossed[key] = epoch;
    plot.mark({
      x: epoch,
      text: `${NAMES[key]}: ${epoch}`,
      colour: key === 'relu' ? '--tower-1' : '--tower-2',
    });
  }
  if (!race.paused)
    report.progress(
      `Epoch ${epoch}: wrong are ReLU ${percent(errors.relu)}, tanh ${percent(errors.tanh)}.`,
    );
}

function clear() {
  plot.clear();
  plot.mark({ y: GOAL, scale: 'accuracy', text: '25 %' });
  byId('result').hidden = true;
}

function running(yes: boolean) {
  byId<HTMLFieldSetElement>('fields').disabled = yes;
  for (const id of ['train', 'again']) byId<HTMLButtonElement>(id).disabled = yes;
  pause.disabled = stop.disabled = !yes;
  pause.textContent = 'Pause';
}

byId('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
byId('again').addEventListener('click', () => {
  field('seed').value = String(+field('seed').value + 1);
  byId<HTMLFormElement>('settings').requestSubmit();
});
stop.addEventListener('click', () => race.stop());
pause.addEventListener('click', () => {
  if (race.paused) race.resume();
  else race.pause();
  pause.textContent = race.paused ? 'Go on' : 'Pause';
  if (race.paused) report.say('Paused.');
});

const { values, classes } = drawnShapes(6 * SHAPES.length);
byId('shapes').append(
  ...classes.map((shape, picture) => {
    const canvas = make('canvas', {
      width: SIDE,
      height: SIDE,
      role: 'img',
      ariaLabel: SHAPES[shape]!,
      title: SHAPES[shape]!,
    });
    canvas
      .getContext('2d')!
      .putImageData(new ImageData(pixelsOf(values, picture), SIDE, SIDE), 0, 0);
    return canvas;
  }),
);
clear();
report.say('Ready: it takes some ten seconds.');
