/** Shows the paper's data augmentation and its ten test crops on a picture. */
import { loadNetwork } from '../gallery/network';
import { classList } from '../gallery/classList';
import { byId } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { statusLine } from '../gallery/statusLine';
import { colorShifts } from './colorShifts';
import { sourceImageOf } from '../gallery/crops/sourceImage';
import { showTenCrops } from './tenCrops';
import { trainingViews } from '../gallery/crops/trainingViews';

const status = statusLine(byId('status'));
const loading = loadNetwork({ onProgress: status.loading });
const training = trainingViews();
const shifts = colorShifts();
const results = document.querySelectorAll<HTMLElement>('.result');
let calls = 0;

const input = pictureInput(byId('input'), { onPicture: showPicture, onError: status.fail });

async function showPicture(picture: Picture) {
  const call = ++calls;
  try {
    const model = await loading;
    if (call !== calls) return; // a newer picture was chosen
    status.progress(`Cropping ${picture.name} …`);
    const source = await sourceImageOf(picture, model.preprocessing);
    if (call !== calls) return;
    for (const result of results) result.hidden = false;
    const ten = showTenCrops(source);
    await Promise.all([training.show(source), shifts.show(source), ten.drawn]);
    if (call !== calls) return;
    status.progress('Classifying the ten crops …');
    const showPredictions = await ten.classify(model);
    if (call !== calls) return;
    showPredictions();
    status.show(`Showing ${picture.name}.`);
  } catch (error) {
    if (call !== calls) return;
    for (const result of results) result.hidden = true;
    status.fail(error);
  }
}

loading.then(({ labels }) => classList(byId('known'), labels), status.fail);
void input.sample('school bus');
