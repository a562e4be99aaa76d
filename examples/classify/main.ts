/** Classify a picture that was dropped, pasted, chosen, linked to, or is one of the samples. */
import type { CropKind } from 'alexnet-ts';
import { load } from 'alexnet-ts/worker';
import { showBars } from '../gallery/bars';
import { byId, make } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { status } from '../gallery/status';
import { drawViews } from './drawViews';

const report = status(byId('status'));
const loading = load({ onProgress: report.loading });
let picture: Picture | undefined;
let calls = 0;

const input = pictureInput(byId('input'), {
  links: true,
  onError: report.fail,
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
    if (call !== calls) return; // another picture came meanwhile
    report.progress('Looking …');
    const views = await model.preprocess(picture.blob, { crops });
    const start = performance.now();
    const predictions = await model.classify(picture.blob, { crops });
    const milliseconds = Math.round(performance.now() - start);
    if (call !== calls) return;
    showBars(byId('predictions'), predictions);
    byId('crops').replaceChildren(...drawViews(views, model.preprocessing));
    report.say(`${milliseconds} ms on ${model.backend}, decoding included, for ${picture.name}.`);
  } catch (error) {
    if (call !== calls) return;
    byId('predictions').replaceChildren();
    byId('crops').replaceChildren();
    report.fail(error);
  }
}

byId('predictions').append(...Array.from({ length: 5 }, () => make('li', { className: 'empty' })));
loading.then(() => void (picture ?? input.sample('school bus')), report.fail);
