/** frameRate: frames per second and milliseconds per frame over the last two seconds. */

/** In ms. */
const WINDOW = 2000;

export interface FrameRate {
  /** Adds a prediction at time `now` that took `milliseconds`. */
  add(now: number, milliseconds: number): { perSecond: number; milliseconds: number };
  clear(): void;
}

export function frameRate(): FrameRate {
  let frames: { now: number; milliseconds: number }[] = [];
  return {
    add(now, milliseconds) {
      frames.push({ now, milliseconds });
      const recent = frames.filter((frame) => now - frame.now < WINDOW);
      // Slow machines reach less than one per second.
      frames = recent.length > 1 ? recent : frames.slice(-2);
      const span = now - frames[0]!.now;
      const sum = frames.reduce((total, frame) => total + frame.milliseconds, 0);
      return {
        perSecond: span ? (1000 * (frames.length - 1)) / span : 0,
        milliseconds: sum / frames.length,
      };
    },
    clear() {
      frames = [];
    },
  };
}
