/** shutter: the camera in a class card. Click takes a picture; holding takes several. */
import { openCamera, type Camera } from '../gallery/camera';
import { button, createElement } from '../gallery/elements';
import { canvasToBlob } from '../gallery/canvasToBlob';

export interface Shutter {
  /** Turns the camera off. Calling it again does nothing. */
  close(): void;
}

/** Interval between pictures while the button is held, in ms. */
const INTERVAL = 200;

/** Only one card can use the camera. */
let closeOther = () => {};

/** Returns the current frame as a file. */
async function captureFrame(video: HTMLVideoElement, name: string): Promise<File> {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  const blob = await canvasToBlob(canvas, 0.92);
  return new File([blob], name, { type: blob.type });
}

/**
 * Opens the camera in `element` and closes it in other cards. `onClose` is called when it closes
 * for any reason.
 */
export async function shutter(
  element: HTMLElement,
  {
    className,
    onFrame,
    onClose,
  }: { className: string; onFrame(file: File): unknown; onClose(): void },
): Promise<Shutter> {
  closeOther();
  const video = createElement('video', {
    muted: true,
    playsInline: true,
    ariaLabel: `Camera for class ${className}`,
  });
  let taken = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let camera: Camera | undefined;
  let closed = false;
  const take = async () => onFrame(await captureFrame(video, `camera ${className} ${++taken}`));
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
    trigger.setPointerCapture(event.pointerId); // the layout may shift
    release();
    void take();
    timer = setInterval(() => void take(), INTERVAL);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur'])
    trigger.addEventListener(end, release);
  trigger.addEventListener('contextmenu', (event) => event.preventDefault()); // long touch
  // Held keys repeat keydown; clicks without a pointer come from screen readers.
  trigger.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    void take();
  });
  trigger.addEventListener('click', (event) => event.detail === 0 && void take());

  element.replaceChildren(
    video,
    createElement(
      'div',
      { className: 'toolbar' },
      trigger,
      button('Done', close, { className: 'quiet' }),
    ),
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
