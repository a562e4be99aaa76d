/** cameraDialog: a dialog in which the visitor takes a picture with the camera. */
import { button, createElement } from './elements';
import { openCamera } from './camera';
import { canvasToBlob } from './canvasToBlob';
import { pictureFromBlob, type Picture } from './picture';

/**
 * Opens a dialog with the camera's view. Resolves to undefined if the visitor closes the dialog.
 *
 * @throws Error if there is no camera, it is in use, or access was denied.
 */
export async function pictureFromCamera(): Promise<Picture | undefined> {
  const video = createElement('video', { ariaLabel: 'What the camera sees' });
  const dialog = createElement('dialog', { className: 'camera-dialog', ariaLabel: 'Camera' });
  const closed = new Promise<void>((resolve) => dialog.addEventListener('close', () => resolve()));
  let taken: HTMLCanvasElement | undefined;
  const take = button(
    'Take the picture',
    () => {
      const { videoWidth: width, videoHeight: height } = video;
      taken = createElement('canvas', { width, height });
      taken.getContext('2d')!.drawImage(video, 0, 0);
      dialog.close();
    },
    { className: 'primary', disabled: true },
  );
  const cancel = button('Cancel', () => dialog.close());
  dialog.append(video, createElement('div', { className: 'toolbar' }, take, cancel));
  document.body.append(dialog);
  dialog.showModal();
  try {
    const camera = await openCamera(video, () => dialog.close());
    take.disabled = false;
    take.focus();
    await closed;
    camera.stop();
    return taken && (await pictureFromBlob(await canvasToBlob(taken), 'Your camera'));
  } finally {
    dialog.remove();
  }
}
