/** withFileLock: runs one task at a time per lock file. For Node. */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** How often to check whether a lock was released, in ms. */
const POLL_INTERVAL = 50;
/**
 * Time in ms after which a lock without an owner was left by a process killed while creating it.
 */
const CREATION_TIMEOUT = 5000;

/** For each lock, settles when the last call in this process has finished. Never rejects. */
const lastCalls = new Map<string, Promise<void>>();
/** The owners of this process, as written in the lock files. */
const held = new Set<string>();
let count = 0;

interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once if another call, here or in another process, holds the lock. */
  onWait?: (() => void) | undefined;
}

/**
 * Runs `work` while holding a lock, which excludes other calls for the same lock in this process
 * and in others on this machine. The lock is a file in an existing folder. The lock of a process
 * that was killed is ignored.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = resolve(path);
  const before = lastCalls.get(lock);
  let finish!: () => void;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const last = before ? before.then(() => done) : done;
  lastCalls.set(lock, last);
  let hasWaited = false;
  const onWait = () => {
    if (!hasWaited) options.onWait?.();
    hasWaited = true;
  };
  try {
    if (before) {
      onWait();
      await waitUnlessAborted(before, options.signal);
    }
    return await withLockFile(lock, work, { ...options, onWait });
  } finally {
    finish();
    if (lastCalls.get(lock) === last) lastCalls.delete(lock);
  }
}

/** Waits for a promise, or rejects with the reason of the signal. */
async function waitUnlessAborted(
  promise: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!signal) return promise;
  signal.throwIfAborted();
  let stop!: () => void;
  const aborted = new Promise<void>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function withLockFile<T>(
  lock: string,
  work: () => Promise<T>,
  { signal, onWait }: LockOptions,
): Promise<T> {
  const owner = `${process.pid} ${Date.now()}-${++count} ${await startTime(process.pid)}`;
  held.add(owner);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (await createLock(lock, owner)) break;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else {
        onWait?.();
        await wait(POLL_INTERVAL, undefined, signal && { signal }).catch(() =>
          signal?.throwIfAborted(),
        );
      }
    }
    return await work();
  } finally {
    held.delete(owner);
    if ((await ownerOf(lock)) === owner) await rm(lock, { force: true });
  }
}

/** Removes the lock file that a killed process left, if there is one. */
export async function removeAbandonedLock(path: string): Promise<void> {
  const lock = resolve(path);
  if (await isAbandoned(lock)) await rm(lock, { force: true });
}

/** Creates the lock file. Returns whether this call now holds the lock. */
async function createLock(lock: string, owner: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    try {
      await file.writeFile(owner);
    } catch (error) {
      await rm(lock, { force: true }); // the disk may be full
      throw error;
    } finally {
      await file.close();
    }
    // Another process that deletes an abandoned lock may have deleted this one instead.
    return (await ownerOf(lock)) === owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Returns the owner of a lock, or '' if there is none or it is being created. */
async function ownerOf(lock: string): Promise<string> {
  try {
    return await readFile(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error; // a folder has this name, or the file may not be read
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const owner = await ownerOf(lock);
  if (owner !== '') return !(await isAlive(owner));
  const created = await stat(lock).catch(() => undefined);
  return created !== undefined && Date.now() - created.mtimeMs > CREATION_TIMEOUT;
}

/**
 * Whether the owner of a lock is still running. The ID of a killed process may be reused, as in
 * containers; the start time tells the two apart.
 */
async function isAlive(owner: string): Promise<boolean> {
  const [id, , started] = owner.split(' ');
  const pid = Number(id);
  if (pid === process.pid) return held.has(owner);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !started || started === (await startTime(pid));
}

/** Returns when a process started, in clock ticks since boot, on Linux; '' elsewhere. */
async function startTime(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
