/** Lets the page render and the app abort during long work. */

/**
 * Resolves after the page's pending tasks. Unlike a timer, a message is not delayed in hidden tabs.
 */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/**
 * Returns a function to await between steps: it yields if the last yield was more than `every` ms
 * ago.
 */
export function createYielder(every = 12): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < every) return;
    await nextTask();
    last = performance.now();
  };
}
