/** shutter: the camera in a class card, which takes a picture or several in a row. */
import { openCamera, type Camera } from '../gallery/camera';
import { button, createElement } from '../gallery/elements';
import { canvasToBlob } from '../gallery/canvasToBlob';
import { recordingSettings, type Recording } from './recordingSettings';

export interface Shutter {
  /** Turns the camera off. Calling it again does nothing. */
  close(): void;
}

/** Only one card can use the camera. */
let closeOther = () => {};
let used = false;

/** Whether the visitor has taken pictures with the camera on this visit. */
export const cameraWasUsed = (): boolean => used;

/** Returns the current frame as a file. */
async function captureFrame(video: HTMLVideoElement, name: string, mirror: boolean) {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  const context = canvas.getContext('2d')!;
  if (mirror) context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(video, 0, 0);
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
  let settings: Recording;
  const take = async () => {
    used = true;
    await onFrame(await captureFrame(video, `camera ${className} ${++taken}`, settings.mirror));
  };
  const start = () => {
    stop();
    void take();
    timer = setInterval(() => void take(), 1000 / settings.perSecond);
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    label();
  };
  const close = () => {
    if (closed) return;
    closed = true;
    clearInterval(timer);
    camera?.stop();
    element.replaceChildren();
    element.hidden = true;
    closeOther = () => {};
    onClose();
  };
  closeOther = close;

  const trigger = button('', () => {}, { className: 'primary', disabled: true });
  const label = (text?: string) => {
    const idle =
      settings.delay === 0 ? 'Hold to take pictures' : `Record after ${settings.delay} s`;
    trigger.textContent = text ?? (settings.delay > 0 && timer ? 'Stop recording' : idle);
  };
  const form = recordingSettings((changed) => {
    settings = changed;
    video.classList.toggle('mirrored', settings.mirror);
    stop();
  });
  settings = form.current;
  video.classList.toggle('mirrored', settings.mirror);
  label();

  /** Counts down and then records until the button is pressed again. */
  function toggleRecording() {
    if (timer) return stop();
    let left = settings.delay;
    const countDown = () => {
      if (left === 0) {
        start();
        label('Stop recording');
      } else label(`Recording in ${left--} …`);
    };
    timer = setInterval(countDown, 1000);
    countDown();
  }

  trigger.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || settings.delay > 0) return;
    trigger.setPointerCapture(event.pointerId); // the layout may shift
    start();
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur'])
    trigger.addEventListener(end, () => settings.delay === 0 && stop());
  trigger.addEventListener('contextmenu', (event) => event.preventDefault()); // long touch
  // Held keys repeat keydown; clicks without a pointer come from screen readers.
  trigger.addEventListener('keydown', (event) => {
    if (settings.delay > 0 || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    void take();
  });
  trigger.addEventListener('click', (event) => {
    if (settings.delay > 0) toggleRecording();
    else if (event.detail === 0) void take();
  });

  element.replaceChildren(
    video,
    createElement(
      'div',
      { className: 'toolbar' },
      trigger,
      button('Done', close, { className: 'quiet' }),
    ),
    form.element,
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
