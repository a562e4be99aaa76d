/** The paper's augmentation, and its ten crops of testing, shown on a picture of the visitor's. */
import { load } from 'alexnet-ts/worker';
import { byId } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { status } from '../gallery/status';
import { colourShifts } from './colourShifts';
import { squareOf } from './square';
import { showTen } from './tenCrops';
import { trainingViews } from './trainingViews';

const report = status(byId('status'));
const loading = load({ onProgress: report.loading });
const training = trainingViews();
const shifts = colourShifts();
const results = document.querySelectorAll<HTMLElement>('.result');
let calls = 0;

const input = pictureInput(byId('input'), { onPicture: look, onError: report.fail });

async function look(picture: Picture) {
  const call = ++calls;
  try {
    const model = await loading;
    if (call !== calls) return; // another picture came meanwhile
    report.progress(`Cutting up ${picture.name} …`);
    const square = await squareOf(picture, model.preprocessing);
    if (call !== calls) return;
    for (const result of results) result.hidden = false;
    training.show(square);
    shifts.show(square);
    const ten = showTen(square);
    report.progress('Asking the network about ten crops …');
    await new Promise((painted) => setTimeout(painted, 50));
    const showAnswers = await ten.answers(model);
    if (call !== calls) return;
    showAnswers();
    report.say(`Crops, colours and answers of ${picture.name}.`);
  } catch (error) {
    if (call !== calls) return;
    for (const result of results) result.hidden = true;
    report.fail(error);
  }
}

loading.catch(report.fail);
void input.sample('school bus');
