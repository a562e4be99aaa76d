/** Turns: the order, what may wait, who leaves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError } from '../errors';
import { MAX_WAITING_BYTES, Turns } from './callQueue';

/** Work that ends when it is told to. */
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

describe('turns', () => {
  it('come one after the other, in the order in which they were asked for', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const works = Array.from({ length: 50 }, (_, i) =>
      turns.take('classify', async () => {
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

  it('pass on when work fails, to the next one alone', async () => {
    const turns = new Turns();
    const [first, second] = [held(), held()];
    const one = turns.take('classify', first.work);
    const two = turns.take('classify', second.work);
    const three = turns.take('classify', async () => 3);
    first.fail(new Error('no picture'));
    await assert.rejects(one, /no picture/);
    assert.equal(await settled(three), false);
    second.end();
    await two;
    assert.equal(await three, 3);
    assert.equal(await turns.take('classify', async () => 4), 4);
  });

  it('are given up with the reason of the signal, at once', async () => {
    const turns = new Turns();
    const first = held();
    const controller = new AbortController();
    const one = turns.take('classify', first.work);
    let begun = false;
    const two = turns.take('classify', async () => void (begun = true), {
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    await assert.rejects(two, /enough/);
    await assert.rejects(
      turns.take('classify', async () => {}, { signal: controller.signal }),
      /enough/,
    );
    first.end();
    await one;
    assert.equal(await turns.take('classify', async () => 5), 5);
    assert.equal(begun, false);
  });

  it('are refused when what waits would hold too much, and not any more when it has been worked on', async () => {
    const turns = new Turns();
    const first = held();
    const one = turns.take('classify', first.work);
    const half = MAX_WAITING_BYTES / 2;
    const waiting = [1, 2].map((i) => turns.take('classify', async () => i, { bytes: half }));
    await assert.rejects(
      turns.take('embed', async () => {}, { bytes: 1 }),
      (error) =>
        error instanceof BackendError &&
        error.message ===
          'embed: the pictures of 2 calls are waiting, and take up 256 MiB. Await some answers before you call again, or pass the pictures as an array.',
    );
    const free = turns.take('classify', async () => 3); // holds nothing
    first.end();
    await one;
    assert.deepEqual(await Promise.all([...waiting, free]), [1, 2, 3]);
    const again = held();
    const busy = turns.take('classify', again.work);
    const late = turns.take('classify', async () => 4, { bytes: MAX_WAITING_BYTES });
    again.end();
    await busy;
    assert.equal(await late, 4);
  });

  it('all go on when they are opened, whatever the one at work does', async () => {
    const turns = new Turns();
    const never = turns.take('classify', () => new Promise<void>(() => {}));
    const waiting = [1, 2, 3].map((i) => turns.take('classify', async () => i));
    turns.open();
    assert.deepEqual(await Promise.all(waiting), [1, 2, 3]);
    assert.equal(await settled(never), false);
  });

  it('leave no listener on a signal', async () => {
    const turns = new Turns();
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
      turns.take('classify', async () => {}, { signal }),
    );
    assert.equal(listeners, 8);
    await Promise.all(works);
    assert.equal(listeners, 0);
  });
});
