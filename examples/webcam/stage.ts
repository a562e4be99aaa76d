/** stage: what the page shows: the picture with the square that is looked at, the bars, the rates, and which buttons can be pressed. */
import type { Prediction, Preprocessing } from 'alexnet-ts';
import { showBars } from '../gallery/bars';
import { byId, make } from '../gallery/elements';
import { rates } from './rates';

/** A screen reader is told of a new best class no more often than this, in milliseconds. */
const SPOKEN_EVERY = 3000;

export function stage() {
  const still = byId<HTMLCanvasElement>('still');
  const save = byId<HTMLAnchorElement>('save');
  const mirror = byId<HTMLInputElement>('mirror');
  const rate = rates();
  let spoken = { label: '', at: -Infinity };
  const turn = () => byId('stage').classList.toggle('mirrored', mirror.checked);
  mirror.addEventListener('change', turn);

  const enable = (on: boolean, ...ids: string[]) => {
    for (const id of ids) byId<HTMLButtonElement>(id).disabled = !on;
  };

  const hold = (held: boolean) => {
    still.hidden = save.hidden = !held;
    byId('hold').setAttribute('aria-pressed', String(held));
    rate.clear();
    if (save.href) URL.revokeObjectURL(save.href);
    save.removeAttribute('href');
    if (held)
      still.toBlob(
        (blob) =>
          blob && Object.assign(save, { href: URL.createObjectURL(blob), download: 'frame.png' }),
      );
  };

  const off = () => {
    hold(false);
    enable(false, 'stop', 'hold');
    byId('view').hidden = byId('caption').hidden = true;
    byId('off').hidden = false;
    for (const id of ['rate', 'milliseconds', 'skipped']) byId(id).textContent = '–';
    byId('predictions').classList.add('bars');
    byId('predictions').replaceChildren(
      ...Array.from({ length: 5 }, () => make('li', { className: 'empty' })),
    );
  };
  off();

  return {
    off,
    hold,
    /** The network is there. */
    ready() {
      enable(true, 'start', 'slides');
    },
    /** A camera is there. The square is the part of each frame that the network sees. */
    on(mirrored: boolean, { crop, resize }: Preprocessing) {
      mirror.checked = mirrored;
      turn();
      enable(true, 'stop', 'hold');
      byId('view').style.height = `${(100 * crop) / resize}%`;
      byId('view').hidden = false;
      byId('off').hidden = true;
    },
    caption(text: string) {
      byId('caption').hidden = false;
      byId('caption').textContent = text;
    },
    bars(predictions: readonly Prediction[]) {
      if (predictions.length === 0) return; // held before the first answer
      showBars(byId('predictions'), predictions.slice(0, 5));
      const { label, probability } = predictions[0]!;
      const now = performance.now();
      if (label === spoken.label || now - spoken.at < SPOKEN_EVERY) return;
      spoken = { label, at: now };
      byId('spoken').textContent = `${label}, ${Math.round(100 * probability)} %`;
    },
    rates(now: number, took: number, skipped: number) {
      const { perSecond, milliseconds } = rate.add(now, took);
      if (perSecond) byId('rate').textContent = perSecond.toFixed(1);
      byId('milliseconds').textContent = milliseconds.toFixed(0);
      byId('skipped').textContent = String(skipped);
    },
  };
}
