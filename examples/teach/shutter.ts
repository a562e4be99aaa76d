/** shutter: the camera in a class's card: click to take a picture, hold to go on taking some. */
import { openCamera, type Camera } from '../gallery/camera';
import { button, make } from '../gallery/elements';
import { encode } from '../gallery/encode';

export interface Shutter {
  /** Switches the camera off. May be called again. */
  close(): void;
}

/** Between two pictures while the button is held, in ms. */
const EVERY = 200;

/** Only one card may have the camera. */
let closeOther = () => {};

/** What the camera shows now, as a file. */
async function frameOf(video: HTMLVideoElement, name: string): Promise<File> {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  const blob = await encode(canvas, 0.92);
  return new File([blob], name, { type: blob.type });
}

/** Fills `element`, opens the camera, and closes what had it before. `onClose` is told when it is over, however it ended. */
export async function shutter(
  element: HTMLElement,
  {
    className,
    onFrame,
    onClose,
  }: { className: string; onFrame(file: File): unknown; onClose(): void },
): Promise<Shutter> {
  closeOther();
  const video = make('video', {
    muted: true,
    playsInline: true,
    ariaLabel: `What the camera shows, for ${className}`,
  });
  let taken = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let camera: Camera | undefined;
  let closed = false;
  const take = async () => onFrame(await frameOf(video, `camera ${className} ${++taken}`));
  const release = () => clearInterval(timer);
  const close = () => {
    if (closed) return;
    closed = true;
    release();
    camera?.stop();
    element.replaceChildren();
    element.hidden = true;
    closeOther = () => {};
    onClose();
  };
  closeOther = close;

  const trigger = button('Hold to take pictures', () => {}, {
    className: 'primary',
    disabled: true,
  });
  trigger.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    trigger.setPointerCapture(event.pointerId); // the page may move under the finger
    release();
    void take();
    timer = setInterval(() => void take(), EVERY);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur'])
    trigger.addEventListener(end, release);
  trigger.addEventListener('contextmenu', (event) => event.preventDefault()); // a long touch asks for one
  // A key that is held repeats its keydown; a click without a pointer is a screen reader's.
  trigger.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    void take();
  });
  trigger.addEventListener('click', (event) => event.detail === 0 && void take());

  element.replaceChildren(
    video,
    make('div', { className: 'toolbar' }, trigger, button('Done', close, { className: 'quiet' })),
  );
  element.hidden = false;
  try {
    camera = await openCamera(video, close);
  } catch (error) {
    close();
    throw error;
  }
  if (closed) camera.stop();
  trigger.disabled = false;
  trigger.focus();
  return { close };
}
