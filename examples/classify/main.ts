/** Classifies the picture that the visitor chooses. */
import type { CropKind } from 'alexnet-ts';
import { loadNetwork } from '../gallery/network';
import { notSure, showBars } from '../gallery/bars';
import { classList } from '../gallery/classList';
import { byId, createElement } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { statusLine } from '../gallery/statusLine';
import { drawViews } from '../gallery/drawViews';
import { engineName } from '../gallery/engineName';

const status = statusLine(byId('status'));
const loading = loadNetwork({ onProgress: status.loading });
let picture: Picture | undefined;
let calls = 0;

const input = pictureInput(byId('input'), {
  links: true,
  onError: status.fail,
  onPicture(chosen) {
    picture = chosen;
    return classify();
  },
});
for (const choice of document.querySelectorAll('[name=crops]'))
  choice.addEventListener('change', () => void classify());

async function classify() {
  if (!picture) return;
  const call = ++calls;
  const crops = document.querySelector<HTMLInputElement>('[name=crops]:checked')!.value as CropKind;
  try {
    const model = await loading;
    if (call !== calls) return; // a newer picture was chosen
    status.progress('Classifying …');
    const views = await model.preprocess(picture.blob, { crops });
    const start = performance.now();
    const predictions = await model.classify(picture.blob, { crops });
    const milliseconds = Math.round(performance.now() - start);
    if (call !== calls) return;
    showBars(byId('predictions'), predictions);
    byId('crops').replaceChildren(...drawViews(views, model.preprocessing));
    const doubt = notSure(predictions);
    status.show(
      `${picture.name}: ${milliseconds} ms on ${engineName(model.backend)}, including decoding.${doubt && ` ${doubt}`}`,
    );
  } catch (error) {
    if (call !== calls) return;
    byId('predictions').replaceChildren();
    byId('crops').replaceChildren();
    status.fail(error);
  }
}

byId('predictions').append(
  ...Array.from({ length: 5 }, () => createElement('li', { className: 'empty' })),
);
loading.then(({ labels }) => {
  classList(byId('known'), labels);
  if (!picture) void input.sample('school bus');
}, status.fail);
