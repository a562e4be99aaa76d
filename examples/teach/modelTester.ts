/** modelTester: classifies a picture or the camera with the trained model. */
import type { Model } from 'alexnet-ts/worker';
import { testPictures } from 'virtual:sample-classes';
import { showBars } from '../gallery/bars';
import { openCamera, type Camera } from '../gallery/camera';
import { button, byId, createElement } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import type { StatusLine } from '../gallery/statusLine';
import { formatList } from '../gallery/format';
import { engineName } from '../gallery/engineName';
import { cameraWasUsed } from './shutter';
import type { Workspace } from './workspace';

export interface ModelTester {
  /** Starts the camera after a training, if the visitor has used it for the pictures. */
  startLive(): void;
}

/** Classifies the current picture again whenever the model changes. */
export function modelTester(workspace: Workspace, status: StatusLine): ModelTester {
  const bars = byId('predictions');
  const video = createElement('video', {
    id: 'live',
    muted: true,
    playsInline: true,
    hidden: true,
    ariaLabel: 'Camera',
  });
  const toggle = button('Use the camera', toggleCamera, { className: 'quiet' });
  let model: Model | undefined;
  let picture: Picture | undefined;
  let camera: Camera | undefined;
  let calls = 0;

  const input = pictureInput(byId('input'), {
    samples: testPictures,
    camera: false, // this page classifies the camera's frames as they come
    onError: status.fail,
    onPicture(chosen) {
      picture = chosen;
      closeCamera();
      return classify(chosen.blob);
    },
  });

  const [drop, tools, strip] = ['.drop', '.toolbar', '.samples'].map((part) =>
    byId('input').querySelector<HTMLElement>(part)!,
  );
  drop!.after(video);
  tools!.append(toggle);

  /** Shows the predictions. Returns false if there is a newer picture or model. */
  async function classify(image: Blob | ImageBitmap): Promise<boolean> {
    const call = ++calls;
    const current = model;
    if (!current) return false;
    try {
      const start = performance.now();
      const predictions = await current.classify(image, { topK: current.labels.length });
      if (call !== calls || current !== model) return false;
      showBars(bars, predictions);
      status.show(`${Math.round(performance.now() - start)} ms on ${engineName(current.backend)}.`);
      return true;
    } catch (error) {
      if (call === calls && current === model) status.fail(error);
      return false;
    }
  }

  function closeCamera() {
    camera?.stop();
    camera = undefined;
    drop!.hidden = false;
    video.hidden = true;
    toggle.textContent = 'Use the camera';
  }

  /** Goes back from the camera to the picture and its predictions. */
  async function showPicture() {
    closeCamera();
    if (picture) {
      await classify(picture.blob);
      return;
    }
    calls++; // a frame may still be computing
    bars.replaceChildren();
    status.show('');
  }

  async function toggleCamera() {
    if (camera) return showPicture();
    drop!.hidden = true;
    video.hidden = false;
    try {
      const opened = (camera = await openCamera(video, showPicture));
      toggle.textContent = 'Stop the camera';
      while (camera === opened) {
        const frame = await createImageBitmap(video);
        await classify(frame);
        frame.close();
        await new Promise((resolve) => setTimeout(resolve, 30)); // lets the page draw
      }
    } catch (error) {
      await showPicture();
      status.fail(error);
    }
  }

  workspace.on('model', () => {
    const next = (model = workspace.model);
    byId('try-hint').hidden = next !== undefined;
    byId('try-it').hidden = next === undefined;
    if (!next) return closeCamera();
    // Offer samples only for the sample classes.
    const samples = testPictures.filter(({ name }) =>
      next.labels.some((label) => name.startsWith(label)),
    );
    strip!.hidden = samples.length === 0;
    bars.setAttribute('aria-label', `Probabilities of ${formatList(next.labels)}`);
    if (picture) void classify(picture.blob);
    else if (samples[0]) void input.sample(samples[0].name);
    else bars.replaceChildren();
  });

  return {
    startLive() {
      if (cameraWasUsed() && !camera) void toggleCamera();
    },
  };
}
