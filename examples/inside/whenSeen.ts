/** whenSeen: does work for the parts of a page that are seen or nearly so, one part after the other. */

export interface WhenSeen {
  /** All parts are to be done anew. */
  again(): void;
  /** One part is wanted though it may not be in sight; only the last one wanted is. */
  want(part: HTMLElement): void;
}

/** How far below and above the window a part is begun, in CSS pixels. */
const NEAR = '300px 0px';

/** `work` resolves when a part is done; what it throws is told to `onError`, and the part left alone until `again()`. */
export function whenSeen(
  parts: readonly HTMLElement[],
  work: (part: HTMLElement) => Promise<void>,
  onError: (error: unknown) => void,
): WhenSeen {
  const near = new Set<HTMLElement>();
  const done = new Set<HTMLElement>();
  let wanted: HTMLElement | undefined;
  let working = false;
  async function go() {
    if (working) return;
    working = true;
    for (
      let next;
      (next = parts.find((part) => (near.has(part) || part === wanted) && !done.has(part)));
    ) {
      done.add(next); // before: `again()` may be called meanwhile
      await work(next).catch(onError);
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    working = false;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        near[isIntersecting ? 'add' : 'delete'](target as HTMLElement);
      void go();
    },
    { rootMargin: NEAR },
  );
  for (const part of parts) observer.observe(part);
  return {
    again() {
      done.clear();
      void go();
    },
    want(part) {
      wanted = part;
      void go();
    },
  };
}
