/** openCamera: the camera in a <video>, with a sentence for each way in which there is none, and a stop that frees it. */

export interface Camera {
  /** Switches the camera off. May be called again. */
  stop(): void;
}

/** @throws Error with a sentence when there is no camera, it is taken, or not allowed. */
export async function openCamera(video: HTMLVideoElement, onEnd: () => void = () => {}): Promise<Camera> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error('This page cannot ask for a camera: the browser gives one to pages on https:// and on localhost only.');
  }
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, facingMode: 'environment' }, audio: false });
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
  return { stop };
}
