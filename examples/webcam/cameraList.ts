/**
 * listCameras: offers a choice if there are several cameras. Browsers hide names until one is
 * allowed.
 */
import type { Camera } from '../gallery/camera';
import { createElement } from '../gallery/elements';

export async function listCameras(
  select: HTMLSelectElement,
  current: Camera | undefined,
): Promise<void> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const cameras = devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId);
  select.replaceChildren(
    ...cameras.map(({ deviceId, label }, i) =>
      createElement('option', { value: deviceId }, label || `Camera ${i + 1}`),
    ),
  );
  select.value = current?.track.getSettings().deviceId ?? '';
  select.parentElement!.hidden = cameras.length < 2;
}
