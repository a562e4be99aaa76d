/**
 * The worker's program, built to dist/workerThread.js. Everything else is imported dynamically, so
 * that no bundler can make a chunk import this entry: WebKit evaluates a worker's entry again when
 * one of its chunks imports it, and a second copy of the library would also respond to the page's
 * calls.
 */
const STARTED = Symbol.for('alexnet-ts worker');

/** Keeps the messages that arrive while the library loads, then starts it. */
async function start(): Promise<void> {
  const early: Event[] = [];
  const keep = (event: Event): void => void early.push(event);
  addEventListener('message', keep);
  const { startService } = await import('./service');
  removeEventListener('message', keep);
  startService();
  for (const event of early) dispatchEvent(event);
}

if (!(STARTED in globalThis)) {
  Object.defineProperty(globalThis, STARTED, { value: true });
  start().catch((error: unknown) => reportError(error)); // else the page would wait forever
}
