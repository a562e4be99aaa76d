/** openCamera: the camera in a <video>, with a sentence for each way in which there is none, and a stop that frees it. */

export interface CameraOptions {
  /** The `deviceId` of the camera that is wanted. @default the one at the back, where there are several */
  deviceId?: string | undefined;
}

export interface Camera {
  /** What it gives: `track.getSettings()` has the camera's `deviceId`, and its `facingMode` on a phone. */
  readonly track: MediaStreamTrack;
  /** Switches the camera off. May be called again. */
  stop(): void;
}

/** @throws Error with a sentence when there is no camera, it is taken, or not allowed. */
export async function openCamera(
  video: HTMLVideoElement,
  onEnd: () => void = () => {},
  { deviceId }: CameraOptions = {},
): Promise<Camera> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(
      'This page cannot ask for a camera: the browser gives one to pages on https:// and on localhost only.',
    );
  }
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'environment' };
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 640 }, ...which },
    audio: false,
  });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  for (const track of stream.getTracks()) {
    track.addEventListener('ended', () => {
      stop(); // unplugged, or taken away
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
