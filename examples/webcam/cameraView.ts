/** cameraView: the video with the crop square, the predictions, the frame rate, and the buttons. */
import type { Prediction, Preprocessing } from 'alexnet-ts';
import { showBars } from '../gallery/bars';
import { byId, createElement } from '../gallery/elements';
import { frameRate } from './frameRate';

/** Minimum interval between announcements of a new top class to screen readers, in ms. */
const ANNOUNCE_EVERY = 3000;
/** What the button that starts the camera says. */
const CAMERA = { off: 'Start the camera', opening: 'Starting …', on: 'The camera is on' };

export function cameraView() {
  const still = byId<HTMLCanvasElement>('still');
  const save = byId<HTMLAnchorElement>('save');
  const mirror = byId<HTMLInputElement>('mirror');
  const rate = frameRate();
  let announced = { label: '', at: -Infinity };
  const updateMirror = () => byId('camera-view').classList.toggle('mirrored', mirror.checked);
  mirror.addEventListener('change', updateMirror);

  const enable = (on: boolean, ...ids: string[]) => {
    for (const id of ids) byId<HTMLButtonElement>(id).disabled = !on;
  };

  let caption = '';
  let held = false;
  const setCaption = () => {
    if (!held) byId('caption').textContent = caption;
  };

  const setPaused = (paused: boolean) => {
    held = paused; // the caption belongs to the frame that is shown
    setCaption();
    still.hidden = save.hidden = !paused;
    byId('pause').setAttribute('aria-pressed', String(paused));
    rate.clear();
    if (save.href) URL.revokeObjectURL(save.href);
    save.removeAttribute('href');
    if (paused)
      still.toBlob(
        (blob) =>
          blob && Object.assign(save, { href: URL.createObjectURL(blob), download: 'frame.png' }),
      );
  };

  const showOff = () => {
    setPaused(false);
    enable(false, 'stop', 'pause');
    byId('view').hidden = byId('caption').hidden = true;
    byId('off').hidden = false;
    for (const id of ['rate', 'milliseconds', 'skipped']) byId(id).textContent = '–';
    byId('predictions').classList.add('bars');
    byId('predictions').replaceChildren(
      ...Array.from({ length: 5 }, () => createElement('li', { className: 'empty' })),
    );
  };
  showOff();
  const start = byId<HTMLButtonElement>('start');
  let ready = false;

  return {
    showOff,
    setPaused,
    /** The network has loaded. */
    enableStart() {
      ready = true;
      enable(true, 'start', 'slides');
    },
    /** Shows on the button whether the camera is off, being opened, or on. */
    setCamera(state: keyof typeof CAMERA) {
      const hadFocus = document.activeElement === start;
      start.textContent = CAMERA[state];
      start.dataset.camera = state;
      start.disabled = !ready || state !== 'off';
      enable(state !== 'off', 'stop');
      if (hadFocus && state !== 'off') byId('stop').focus();
      if (document.activeElement === byId('stop') && state === 'off') start.focus();
    },
    /** A camera has started. The square marks the part of each frame that the network sees. */
    showOn(mirrored: boolean, { crop, resize }: Preprocessing) {
      mirror.checked = mirrored;
      updateMirror();
      enable(true, 'pause', 'stop');
      byId('view').style.height = `${(100 * crop) / resize}%`;
      byId('view').hidden = false;
      byId('off').hidden = true;
    },
    showCaption(text: string) {
      byId('caption').hidden = false;
      caption = text;
      setCaption();
    },
    showPredictions(predictions: readonly Prediction[]) {
      if (predictions.length === 0) return; // paused before the first prediction
      showBars(byId('predictions'), predictions.slice(0, 5));
      const { label, probability } = predictions[0]!;
      const now = performance.now();
      if (label === announced.label || now - announced.at < ANNOUNCE_EVERY) return;
      announced = { label, at: now };
      byId('spoken').textContent = `${label}, ${Math.round(100 * probability)} %`;
    },
    showRate(now: number, took: number, skipped: number) {
      const { perSecond, milliseconds } = rate.add(now, took);
      if (perSecond) byId('rate').textContent = perSecond.toFixed(1);
      byId('milliseconds').textContent = milliseconds.toFixed(0);
      byId('skipped').textContent = String(skipped);
    },
  };
}
