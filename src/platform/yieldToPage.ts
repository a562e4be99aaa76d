/** Giving the page time to draw, and the app to abort, in the midst of long work. */

/** A message to oneself comes after what the page has to do, and unlike a timer at once, in a hidden tab too. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/** A function to be awaited between steps: it lets others work when the last time was more than `every` ms ago. */
export function breather(every = 12): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < every) return;
    await turn();
    last = performance.now();
  };
}
