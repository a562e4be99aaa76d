/** Webcam: the five most probable classes of what a camera sees, as fast as the machine can look. */
import type { Prediction } from 'alexnet-ts';
import { load } from 'alexnet-ts/worker';
import { openCamera, type Camera } from '../gallery/camera';
import { byId } from '../gallery/elements';
import { samples } from '../gallery/samples';
import { status } from '../gallery/status';
import { cameraError, UNPLUGGED } from './cameraError';
import { listCameras } from './cameras';
import { frameLoop } from './frameLoop';
import { runningMean } from './runningMean';
import { slideShow } from './slideShow';
import { stage } from './stage';

const video = byId<HTMLVideoElement>('video');
const cameras = byId<HTMLSelectElement>('cameras');
const report = status(byId('status'));
const show = stage();
const smooth = runningMean();
const loading = load({ onProgress: report.loading });
const loop = frameLoop(video, byId<HTMLCanvasElement>('still'), look, fail);
let camera: Camera | undefined;
let opened = 0; // of cameras that are asked for, the last one counts
let held = false;
let latest: Prediction[] = [];

async function look(frame: ImageBitmap) {
  const mine = opened;
  const model = await loading;
  const start = performance.now();
  const answer: Prediction[] = await model.classify(frame, { topK: model.labels.length });
  const now = performance.now();
  if (mine !== opened) return; // stopped, or another camera
  latest = answer;
  const averages = smooth.add(answer, now);
  show.bars(!held && byId<HTMLInputElement>('smooth').checked ? averages : answer); // a frame that is held has its own answer
  show.rates(now, now - start, loop.skipped);
}

/** Opens a camera, or what stands for one. One that comes when it is no longer wanted is freed at once. */
async function start(
  open: () => Promise<Camera>,
  mirrored: (camera: Camera) => boolean,
  [waiting, looking]: [string, string],
) {
  stop();
  const mine = opened;
  report.progress(waiting);
  try {
    const found = await open();
    if (mine !== opened) return found.stop();
    camera = found;
    const { preprocessing, backend } = await loading;
    show.on(mirrored(found), preprocessing);
    report.say(`${looking}, on ${backend}.`);
    lookIfSeen();
  } catch (error) {
    if (mine === opened) fail(error);
  }
}

function stop() {
  opened++;
  loop.pause();
  camera?.stop();
  camera = undefined;
  held = false;
  smooth.clear();
  show.off();
}

function fail(error: unknown) {
  stop();
  report.fail(error);
}

/** Nothing is looked at in a hidden tab, or while a frame is held. */
function lookIfSeen() {
  if (camera) camera.track.enabled = !document.hidden; // where the browser can, the light goes out
  if (camera && !document.hidden && !held) loop.run();
  else loop.pause();
}

async function startCamera(deviceId?: string) {
  const open = () =>
    openCamera(video, () => fail(new Error(UNPLUGGED)), { deviceId }).catch((error: unknown) => {
      throw cameraError(error);
    });
  const mirrored = ({ track }: Camera) => track.getSettings().facingMode !== 'environment';
  await start(open, mirrored, [
    'Waiting for the camera: the browser may ask you to allow it.',
    'Looking through the camera',
  ]);
  await listCameras(cameras, camera);
}

function showSlides() {
  const open = () => slideShow(video, samples, { onPicture: show.caption });
  return start(open, () => false, ['Fetching the samples …', 'Looking at our samples']);
}

byId('start').addEventListener('click', () => void startCamera());
byId('slides').addEventListener('click', () => void showSlides());
cameras.addEventListener('change', () => void startCamera(cameras.value));
byId('stop').addEventListener('click', () => {
  stop();
  report.say('Stopped, and the camera is free.');
});
byId('hold').addEventListener('click', () => {
  held = !held;
  smooth.clear();
  show.hold(held);
  if (held) show.bars(latest);
  lookIfSeen();
});
document.addEventListener('visibilitychange', lookIfSeen);
addEventListener('pagehide', stop);
loading.then(({ backend }) => {
  show.ready();
  report.say(`Ready, on ${backend}.`);
}, report.fail);
