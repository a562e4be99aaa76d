/** frameLoop: processes the frames of a video one at a time; skips and counts the others. */

export interface FrameLoop {
  /** Number of frames skipped while another was processed. */
  readonly skipped: number;
  /** Starts with the next frame. Does nothing if it is running. */
  run(): void;
  /** Stops after the frame that is being processed. */
  pause(): void;
}

/**
 * Draws each frame to `still`, which therefore shows the frame that a prediction is about, and
 * passes a bitmap of it to `process`. The bitmap is closed when the promise settles.
 */
export function frameLoop(
  video: HTMLVideoElement,
  still: HTMLCanvasElement,
  process: (frame: ImageBitmap) => Promise<void>,
  onError: (error: unknown) => void,
): FrameLoop {
  const context = still.getContext('2d')!;
  let skipped = 0;
  let running = false;
  let busy = false;
  let run = 0; // callbacks of an earlier run must not continue
  let last: number | undefined;

  const onFrame = (id: number, presented: number) => {
    if (id !== run || !running) return;
    request(id);
    const arrived = presented - (last ?? presented - 1); // more than one if the tab was busy
    last = presented;
    skipped += busy ? arrived : arrived - 1;
    if (!busy) void processFrame();
  };

  /** In browsers without requestVideoFrameCallback, every repaint counts as a frame. */
  const request = (id: number) => {
    if ('requestVideoFrameCallback' in video) {
      video.requestVideoFrameCallback((_now, { presentedFrames }) => onFrame(id, presentedFrames));
    } else requestAnimationFrame(() => onFrame(id, (last ?? 0) + 1));
  };

  async function processFrame() {
    busy = true;
    try {
      still.width = video.videoWidth;
      still.height = video.videoHeight;
      context.drawImage(video, 0, 0);
      const frame = await createImageBitmap(still);
      try {
        await process(frame);
      } finally {
        frame.close();
      }
    } catch (error) {
      onError(error);
    } finally {
      busy = false;
    }
  }

  return {
    get skipped() {
      return skipped;
    },
    run() {
      if (running) return;
      running = true;
      last = undefined;
      request(++run);
    },
    pause() {
      running = false;
    },
  };
}
