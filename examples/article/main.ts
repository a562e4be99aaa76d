/** The paper as an article whose figures show the picture that the visitor chose. */
import { classList } from '../gallery/classList';
import { byId } from '../gallery/elements';
import { pictureInput } from '../gallery/pictureInput';
import type { Picture } from '../gallery/picture';
import { statusLine } from '../gallery/statusLine';
import { augmentationFigure } from './augmentationFigure';
import { convolutionFigure } from './convolutionFigure';
import { costFigure } from './costFigure';
import { dropoutFigure } from './dropoutFigure';
import { showFigures } from './figures';
import { filtersFigure } from './filtersFigure';
import { networkFigure } from './networkFigure';
import { networkLoader } from './networkLoader';
import { normalizationFigure } from './normalizationFigure';
import { pictureTray } from './pictureTray';
import { predictionsPanel } from './predictionsPanel';
import { raceFigure } from './raceFigure';
import { resultsFigure } from './resultsFigure';
import { Scene } from './scene';
import { similarFigure } from './similarFigure';

const status = statusLine(byId('status'));
const loading = networkLoader(status, byId('main').dataset.download!);
const predictions = predictionsPanel(status);

const showInFigures = showFigures([
  convolutionFigure(),
  filtersFigure(),
  normalizationFigure(),
  networkFigure(),
  augmentationFigure(),
  dropoutFigure(),
  resultsFigure(),
  similarFigure(),
  costFigure(),
]);
raceFigure();
void loading.then(({ labels }) => classList(byId('known'), labels));

byId('input').replaceChildren();
const input = pictureInput(byId('input'), {
  onPicture: showPicture,
  onError: status.fail,
});
const tray = pictureTray(input);
let latest: Picture | undefined;

/** Shows a picture with its predictions at the top first, then in the figures below. */
async function showPicture(picture: Picture) {
  latest = picture;
  tray.show(picture);
  const scene = new Scene(await loading, picture);
  if (picture !== latest) return; // a newer one was chosen
  try {
    const best = await predictions.show(scene);
    if (picture !== latest) return;
    tray.setAnswer(best);
    showInFigures(scene);
  } catch (error) {
    if (picture === latest) predictions.fail(error);
  }
}

void input.sample('school bus');
