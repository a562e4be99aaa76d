/** Classifies the frames of a camera as fast as the machine allows. */
import type { Prediction } from 'alexnet-ts';
import { loadNetwork } from '../gallery/network';
import { openCamera, type Camera } from '../gallery/camera';
import { classList } from '../gallery/classList';
import { byId } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { statusLine } from '../gallery/statusLine';
import { engineName } from '../gallery/engineName';
import { cameraError, DISCONNECTED } from './cameraError';
import { listCameras } from './cameraList';
import { frameLoop } from './frameLoop';
import { movingAverage } from './movingAverage';
import { slideShow } from './slideShow';
import { cameraView } from './cameraView';

const video = byId<HTMLVideoElement>('video');
const cameras = byId<HTMLSelectElement>('cameras');
const status = statusLine(byId('status'));
const view = cameraView();
const average = movingAverage();
const loading = loadNetwork({ onProgress: status.loading });
const loop = frameLoop(video, byId<HTMLCanvasElement>('still'), classify, fail);
let camera: Camera | undefined;
let opened = 0; // counts starts and stops; the latest one wins
let paused = false;
let latest: Prediction[] = [];

async function classify(frame: ImageBitmap) {
  const id = opened;
  const model = await loading;
  const start = performance.now();
  const predictions: Prediction[] = await model.classify(frame, { topK: model.labels.length });
  const now = performance.now();
  if (id !== opened) return; // stopped, or another camera was opened
  latest = predictions;
  const averages = average.add(predictions, now);
  // A paused frame shows its own predictions.
  const smooth = !paused && byId<HTMLInputElement>('smooth').checked;
  view.showPredictions(smooth ? averages : predictions);
  view.showRate(now, now - start, loop.skipped);
}

/** Opens a camera or the slide show. Releases it if another one was requested meanwhile. */
async function start(
  open: () => Promise<Camera>,
  mirrored: (camera: Camera) => boolean,
  [waiting, running]: [string, string],
  usesCamera: boolean,
) {
  stop();
  const id = opened;
  if (usesCamera) view.setCamera('opening');
  status.progress(waiting);
  try {
    const found = await open();
    if (id !== opened) return found.stop();
    camera = found;
    const { preprocessing, backend } = await loading;
    view.showOn(mirrored(found), preprocessing);
    if (usesCamera) view.setCamera('on');
    status.show(`${running} on ${engineName(backend)}.`);
    runIfVisible();
  } catch (error) {
    if (id === opened) fail(error);
  }
}

function stop() {
  opened++;
  loop.pause();
  camera?.stop();
  camera = undefined;
  paused = false;
  average.clear();
  view.showOff();
  view.setCamera('off');
}

function fail(error: unknown) {
  stop();
  status.fail(error);
}

/** Classifies nothing in a hidden tab or while paused. */
function runIfVisible() {
  // Also turns the camera's light off, where supported.
  if (camera) camera.track.enabled = !document.hidden;
  if (camera && !document.hidden && !paused) loop.run();
  else loop.pause();
}

async function startCamera(deviceId?: string) {
  const open = () =>
    openCamera(video, () => fail(new Error(DISCONNECTED)), { deviceId }).catch((error: unknown) => {
      throw cameraError(error);
    });
  const mirrored = ({ track }: Camera) => track.getSettings().facingMode !== 'environment';
  await start(
    open,
    mirrored,
    ['Starting the camera. Your browser may ask for permission.', 'Classifying the camera'],
    true,
  );
  await listCameras(cameras, camera);
}

function showSlides() {
  const open = () => slideShow(video, samples, { onPicture: view.showCaption });
  return start(
    open,
    () => false,
    ['Loading the sample pictures …', 'Classifying the sample pictures'],
    false,
  );
}

byId('start').addEventListener('click', () => void startCamera());
byId('slides').addEventListener('click', () => void showSlides());
cameras.addEventListener('change', () => void startCamera(cameras.value));
byId('stop').addEventListener('click', () => {
  stop();
  status.show('Stopped. The camera is off.');
});
byId('pause').addEventListener('click', () => {
  paused = !paused;
  average.clear();
  view.setPaused(paused);
  if (paused) view.showPredictions(latest);
  runIfVisible();
});
document.addEventListener('visibilitychange', runIfVisible);
addEventListener('pagehide', stop);
loading.then(({ backend, labels }) => {
  classList(byId('known'), labels);
  view.enableStart();
  status.show(`Ready on ${engineName(backend)}.`);
}, status.fail);
