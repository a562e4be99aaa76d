/** frameLoop: hands the frames of a playing video to whoever looks at them, one at a time: those that come meanwhile are skipped and counted. */

export interface FrameLoop {
  /** Frames that came while one was looked at. */
  readonly skipped: number;
  /** From the next frame on. Does nothing when it runs. */
  run(): void;
  /** No further frame; the one that is looked at is still answered. */
  pause(): void;
}

/**
 * Each frame that is looked at is drawn to `still` first, which so shows the very frame that an answer is about; `look` is given a bitmap
 * of it, which is closed when the promise settles.
 */
export function frameLoop(
  video: HTMLVideoElement,
  still: HTMLCanvasElement,
  look: (frame: ImageBitmap) => Promise<void>,
  onError: (error: unknown) => void,
): FrameLoop {
  const context = still.getContext('2d')!;
  let skipped = 0;
  let running = false;
  let busy = false;
  let run = 0; // a callback of an earlier run must not go on beside this one's
  let last: number | undefined;

  const onFrame = (mine: number, presented: number) => {
    if (mine !== run || !running) return;
    request(mine);
    const came = presented - (last ?? presented - 1); // more than one where the tab had no time to be told of each
    last = presented;
    skipped += busy ? came : came - 1;
    if (!busy) void take();
  };

  /** Older browsers tell of no frames: there every repaint counts as one. */
  const request = (mine: number) => {
    if ('requestVideoFrameCallback' in video) {
      video.requestVideoFrameCallback((_now, { presentedFrames }) =>
        onFrame(mine, presentedFrames),
      );
    } else requestAnimationFrame(() => onFrame(mine, (last ?? 0) + 1));
  };

  async function take() {
    busy = true;
    try {
      still.width = video.videoWidth;
      still.height = video.videoHeight;
      context.drawImage(video, 0, 0);
      const frame = await createImageBitmap(still);
      try {
        await look(frame);
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
