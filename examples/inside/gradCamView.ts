/** gradCamView: shows what the network looks at for one of its guesses. */
import type { Prediction } from 'alexnet-ts';
import type { Model } from 'alexnet-ts/worker';
import { gradCam, type AttentionMap } from '../gallery/attention/gradCam';
import { showAttention } from '../gallery/attention/showAttention';
import { drawViews } from '../gallery/drawViews';
import { byId, createElement } from '../gallery/elements';
import { formatPercent } from '../gallery/format';
import { imageOverlay } from '../gallery/imageOverlay';
import type { Picture } from '../gallery/picture';
import { statusLine } from '../gallery/statusLine';

export interface GradCamView {
  /** Shows a new picture, with a map if the visitor has asked for one before. */
  show(picture: Picture): Promise<void>;
}

export function gradCamView(model: Model): GradCamView {
  const status = statusLine(byId('grad-cam-status'));
  const overlay = imageOverlay(
    byId('grad-cam-overlay'),
    'The input of the network, with a map of what the network looks at',
  );
  const plain = imageOverlay(byId('plain-picture'), 'The input of the network');
  const start = byId<HTMLButtonElement>('show-grad-cam');
  const guess = byId<HTMLSelectElement>('guess');
  const strength = byId<HTMLInputElement>('strength');
  let picture: Picture | undefined;
  let map: AttentionMap | undefined;
  let wanted = false;

  const draw = () => map && showAttention(overlay, map, Number(strength.value) / 100);
  strength.addEventListener('input', draw);

  /** Computes the map for the chosen guess. */
  async function compute() {
    const shown = picture;
    const index = Number(guess.value);
    if (!shown) return;
    wanted = true;
    status.progress('Computing the map. The first time takes a few seconds …');
    try {
      const found = await gradCam(model, shown.blob, index);
      if (picture !== shown || Number(guess.value) !== index) return; // a newer choice
      map = found;
      draw();
      status.show(
        map.values.some((value) => value > 0)
          ? `Warm colors: evidence for “${model.labels[index]!}” in ${shown.name}.`
          : `No evidence for “${model.labels[index]!}” in ${shown.name}.`,
      );
    } catch (error) {
      if (picture === shown) status.fail(error, compute);
    }
  }
  start.addEventListener('click', async () => {
    await compute();
    // The button may be below the picture. A new picture does not scroll: it was chosen elsewhere.
    if (map) byId('grad-cam-overlay').scrollIntoView({ block: 'nearest' });
  });
  guess.addEventListener('change', () => wanted && void compute());

  function showGuesses(predictions: readonly Prediction[]) {
    guess.replaceChildren(
      ...predictions.map(({ index, label, probability }) =>
        createElement(
          'option',
          { value: String(index) },
          `${label}, ${formatPercent(probability, 1)}`,
        ),
      ),
    );
    guess.disabled = start.disabled = false;
  }

  return {
    async show(given) {
      picture = given;
      map = undefined;
      const input = await model.preprocess(given.blob);
      const predictions = await model.classify(given.blob);
      if (picture !== given) return;
      overlay.clear();
      overlay.showImage(drawViews(input, model.preprocessing)[0]!);
      plain.showImage(drawViews(input, model.preprocessing)[0]!);
      status.show('');
      showGuesses(predictions);
      if (wanted) void compute();
    },
  };
}
