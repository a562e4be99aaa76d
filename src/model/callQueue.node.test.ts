/** CallQueue: order, limits, and aborted calls. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError } from '../errors';
import { MAX_WAITING_BYTES, CallQueue } from './callQueue';

/** Work that ends on request. */
function held() {
  let end!: () => void;
  let fail!: (reason: Error) => void;
  const done = new Promise<void>((resolve, reject) => ((end = resolve), (fail = reject)));
  return { work: () => done, end, fail };
}

const settled = async (promise: Promise<unknown>) => {
  await new Promise((resume) => setTimeout(resume, 30));
  const pending = Symbol();
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
};

describe('the call queue', () => {
  it('runs calls one after the other, in the order in which they were made', async () => {
    const queue = new CallQueue();
    const told: string[] = [];
    const works = Array.from({ length: 50 }, (_, i) =>
      queue.run('classify', async () => {
        told.push(`${i} begins`);
        await new Promise((resume) => setTimeout(resume, i % 3));
        told.push(`${i} ends`);
        return i;
      }),
    );
    assert.deepEqual(
      await Promise.all(works),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.deepEqual(
      told,
      Array.from({ length: 50 }, (_, i) => [`${i} begins`, `${i} ends`]).flat(),
    );
  });

  it('runs the next call when one fails', async () => {
    const queue = new CallQueue();
    const [first, second] = [held(), held()];
    const one = queue.run('classify', first.work);
    const two = queue.run('classify', second.work);
    const three = queue.run('classify', async () => 3);
    first.fail(new Error('no picture'));
    await assert.rejects(one, /no picture/);
    assert.equal(await settled(three), false);
    second.end();
    await two;
    assert.equal(await three, 3);
    assert.equal(await queue.run('classify', async () => 4), 4);
  });

  it('drops an aborted call immediately, with the reason of the signal', async () => {
    const queue = new CallQueue();
    const first = held();
    const controller = new AbortController();
    const one = queue.run('classify', first.work);
    let begun = false;
    const two = queue.run('classify', async () => void (begun = true), {
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    await assert.rejects(two, /enough/);
    await assert.rejects(
      queue.run('classify', async () => {}, { signal: controller.signal }),
      /enough/,
    );
    first.end();
    await one;
    assert.equal(await queue.run('classify', async () => 5), 5);
    assert.equal(begun, false);
  });

  it('rejects a call when the waiting ones would hold too many bytes, and accepts one later', async () => {
    const queue = new CallQueue();
    const first = held();
    const one = queue.run('classify', first.work);
    const half = MAX_WAITING_BYTES / 2;
    const waiting = [1, 2].map((i) => queue.run('classify', async () => i, { bytes: half }));
    await assert.rejects(
      queue.run('embed', async () => {}, { bytes: 1 }),
      (error) =>
        error instanceof BackendError &&
        error.message ===
          'embed: the images of waiting calls must take up at most 256 MiB, and 2 calls are waiting. Await some results before you call again, or pass the images as an array.',
    );
    const free = queue.run('classify', async () => 3); // holds nothing
    first.end();
    await one;
    assert.deepEqual(await Promise.all([...waiting, free]), [1, 2, 3]);
    const again = held();
    const busy = queue.run('classify', again.work);
    const late = queue.run('classify', async () => 4, { bytes: MAX_WAITING_BYTES });
    again.end();
    await busy;
    assert.equal(await late, 4);
  });

  it('starts all waiting calls when it is flushed, whatever the running one does', async () => {
    const queue = new CallQueue();
    const never = queue.run('classify', () => new Promise<void>(() => {}));
    const waiting = [1, 2, 3].map((i) => queue.run('classify', async () => i));
    queue.flush();
    assert.deepEqual(await Promise.all(waiting), [1, 2, 3]);
    assert.equal(await settled(never), false);
  });

  it('leaves no listener on a signal', async () => {
    const queue = new CallQueue();
    let listeners = 0;
    const signal = new EventTarget() as AbortSignal;
    const { addEventListener: add, removeEventListener: remove } = signal;
    signal.throwIfAborted = () => {};
    signal.addEventListener = (...args: [string, EventListener]) => (
      listeners++,
      add.apply(signal, args)
    );
    signal.removeEventListener = (...args: [string, EventListener]) => (
      listeners--,
      remove.apply(signal, args)
    );
    const works = Array.from({ length: 9 }, () =>
      queue.run('classify', async () => {}, { signal }),
    );
    assert.equal(listeners, 8);
    await Promise.all(works);
    assert.equal(listeners, 0);
  });
});
