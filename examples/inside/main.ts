/** Shows the activations of each layer, computed when scrolled to, and what matters to the network. */
import type { Model } from 'alexnet-ts/worker';
import { loadNetwork } from '../gallery/network';
import { drawViews } from '../gallery/drawViews';
import { showBars } from '../gallery/bars';
import { classList } from '../gallery/classList';
import { byId, createElement } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { imageOverlay } from '../gallery/imageOverlay';
import { statusLine } from '../gallery/statusLine';
import { showEnlargedMap, type SelectedMap } from './enlargedMap';
import { layerInfo } from '../gallery/layerInfo';
import { layerView, type LayerView, type ViewOptions } from './layerView';
import { gradCamView } from './gradCamView';
import { occlusionView } from './occlusionView';
import { visibilityQueue } from '../gallery/visibilityQueue';
import { engineName } from '../gallery/engineName';

const status = statusLine(byId('status'));
const overlay = imageOverlay(byId('overlay'), 'The input of the network');
const loading = loadNetwork({ onProgress: status.loading });
const ready = loading.then(createPage);
let picture: Picture | undefined;
let selected: SelectedMap | undefined;

const input = pictureInput(byId('input'), { onPicture: showPicture, onError: status.fail });
const checkedValue = (name: string) =>
  document.querySelector<HTMLInputElement>(`[name=${name}]:checked`)!.value;
const options = () =>
  ({ order: checkedValue('order'), scale: checkedValue('scale') }) as ViewOptions;

/** Creates a view for each layer, which is computed when it becomes visible. */
function createPage(model: Model) {
  classList(byId('known'), model.labels);
  const views = layerInfo(model.summary(), model.net.layers).map((info): LayerView => {
    const view = layerView(info, options(), (channel) => select(view, channel));
    return view;
  });
  byId('layers').replaceChildren(...views.map(({ element }) => element));
  byId('jump').prepend(
    ...views.map(({ info: { name } }) => createElement('a', { href: `#${name}` }, name)),
  );
  for (const choice of document.querySelectorAll('[type=radio]')) {
    choice.addEventListener('change', () => views.forEach((view) => view.setOptions(options())));
  }
  function select(view: LayerView, channel: number) {
    selected = { view, channel };
    for (const each of views) each.select(each === view ? channel : undefined);
    showEnlargedMap(overlay, selected);
  }
  const softmax = byId('softmax');
  async function compute(part: HTMLElement) {
    const now = picture;
    if (!now) return;
    const view = views.find(({ element }) => element === part);
    if (view) {
      const activations = await model.activations(now.blob, view.info.name);
      if (now !== picture) return; // a newer picture was chosen
      view.show(activations);
      if (selected?.view === view) showEnlargedMap(overlay, selected);
    } else {
      const predictions = await model.classify(now.blob, { topK: 10 });
      if (now === picture) showBars(byId('predictions'), predictions);
    }
  }
  return {
    model,
    views,
    queue: visibilityQueue([...views.map(({ element }) => element), softmax], compute, status.fail),
    gradCam: gradCamView(model),
    occlusion: occlusionView(model),
  };
}

async function showPicture(given: Picture) {
  picture = given;
  try {
    const { model, views, queue, gradCam, occlusion } = await ready;
    if (given !== picture) return;
    status.progress('Computing …');
    const [view] = drawViews(await model.preprocess(given.blob), model.preprocessing);
    if (given !== picture) return;
    overlay.showImage(view!);
    overlay.clear();
    for (const each of views) each.invalidate();
    queue.restart();
    if (selected) queue.request(selected.view.element);
    await occlusion.show(given);
    await gradCam.show(given);
    if (given === picture)
      status.show(
        `${given.name}, on ${engineName(model.backend)}. Layers are computed as you scroll to them.`,
      );
  } catch (error) {
    if (given === picture) status.fail(error);
  }
}

ready
  .then(() => {
    // The layer that the address names did not exist yet when the browser looked for it.
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    if (!picture) void input.sample('school bus');
  })
  .catch(status.fail);
