/** openCamera: plays the camera in a `<video>` and releases it on `stop()`. */

export interface CameraOptions {
  /** Which camera to open. @default the rear one, if there are several */
  deviceId?: string | undefined;
}

export interface Camera {
  /** `track.getSettings()` has the `deviceId`, and on phones the `facingMode`. */
  readonly track: MediaStreamTrack;
  /** Turns the camera off. Calling it again does nothing. */
  stop(): void;
}

/**
 * Opens a camera. `onEnd` is called if it is unplugged or taken away.
 *
 * @throws Error if there is no camera, it is in use, or access was denied.
 */
export async function openCamera(
  video: HTMLVideoElement,
  onEnd: () => void = () => {},
  { deviceId }: CameraOptions = {},
): Promise<Camera> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(
      'The camera is not available: browsers offer it only to pages on https:// or localhost.',
    );
  }
  const constraint = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'environment' };
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: { width: { ideal: 640 }, ...constraint }, audio: false })
    .catch((error: unknown) => {
      if ((error as Error).name !== 'OverconstrainedError' || deviceId) throw error;
      // Nothing was required: this is how WebKit says that there is no camera.
      throw new DOMException('no camera', 'NotFoundError');
    });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  for (const track of stream.getTracks()) {
    track.addEventListener('ended', () => {
      stop(); // unplugged, or taken by another program
      onEnd();
    });
  }
  try {
    video.srcObject = stream;
    video.muted = true;
    video.playsInline = true;
    await video.play();
  } catch (error) {
    stop();
    throw error;
  }
  return { track: stream.getVideoTracks()[0]!, stop };
}
