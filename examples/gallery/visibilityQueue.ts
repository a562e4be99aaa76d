/**
 * visibilityQueue: does work for the parts of a page that are visible or nearly so, one at a time.
 */

export interface VisibilityQueue {
  /** Marks all parts as not done. */
  restart(): void;
  /** Requests a part even if it is not visible. Replaces the previous request. */
  request(part: HTMLElement): void;
}

/** How far outside the window a part counts as visible, in CSS pixels. */
const MARGIN = '300px 0px';

/** Errors of `work` go to `onError`; the part is then skipped until `restart()`. */
export function visibilityQueue(
  parts: readonly HTMLElement[],
  work: (part: HTMLElement) => Promise<void>,
  onError: (error: unknown) => void,
): VisibilityQueue {
  const visible = new Set<HTMLElement>();
  const done = new Set<HTMLElement>();
  let requested: HTMLElement | undefined;
  let running = false;
  const isNext = (part: HTMLElement) =>
    (visible.has(part) || part === requested) && !done.has(part);

  async function run() {
    if (running) return;
    running = true;
    for (let next; (next = parts.find(isNext));) {
      done.add(next); // before the work: `restart()` may be called meanwhile
      await work(next).catch(onError);
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    running = false;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        visible[isIntersecting ? 'add' : 'delete'](target as HTMLElement);
      void run();
    },
    { rootMargin: MARGIN },
  );
  for (const part of parts) observer.observe(part);
  return {
    restart() {
      done.clear();
      void run();
    },
    request(part) {
      requested = part;
      void run();
    },
  };
}
