/** listCameras: the choice of camera, where there are several. Their names are told once one of them has been allowed. */
import type { Camera } from '../gallery/camera';
import { make } from '../gallery/elements';

export async function listCameras(
  select: HTMLSelectElement,
  current: Camera | undefined,
): Promise<void> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const cameras = devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId);
  select.replaceChildren(
    ...cameras.map(({ deviceId, label }, i) =>
      make('option', { value: deviceId }, label || `Camera ${i + 1}`),
    ),
  );
  select.value = current?.track.getSettings().deviceId ?? '';
  select.parentElement!.hidden = cameras.length < 2;
}
