/**
 * Loaded before a program (`node --import`). Counts its file changes below FAULT_FOLDER. At change
 * number FAULT_AT, kills the program, or simulates a full disk from then on.
 *
 * FAULT_KIND: `kill` (before the change, or after the first half of a write), `full` (from then on,
 * no file can be created, and writes store half of their data and fail) or `count` (writes the
 * number of changes to the file FAULT_COUNT).
 */
import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const {
  FAULT_KIND: kind,
  FAULT_AT: at,
  FAULT_FOLDER: folder,
  FAULT_COUNT: countFile,
} = process.env;

let count = 0;
const isInside = (path) => typeof path === 'string' && resolve(path).startsWith(folder + sep);
const isWriting = (flags) =>
  typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(flags ?? 'r');
const die = () => process.kill(process.pid, 'SIGKILL');
/** Returns an error like Node's, in which a write does not name its file. */
const noSpace = (call, path) =>
  Object.assign(new Error(`ENOSPC: no space left on device, ${call}${path ? ` '${path}'` : ''}`), {
    ...{ code: 'ENOSPC', errno: -28, syscall: call },
    ...(path && { path }),
  });
/** Counts a change. Returns whether the fault has begun. Kills the program here unless `half`. */
function begins(half = false) {
  count++;
  if (kind === 'count') return false;
  if (kind === 'full') return count >= Number(at);
  if (count !== Number(at)) return false;
  if (!half) die();
  return true;
}

const halfOf = (data) =>
  typeof data === 'string'
    ? data.slice(0, data.length >> 1)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength >> 1);

/** Wraps a function whose first argument is a path. If it `grows`, it fails on a full disk. */
function wrap(name, { grows = false, changes = () => true } = {}) {
  const original = fs[name];
  fs[name] = async (path, ...rest) => {
    if (!isInside(path) || !changes(...rest)) return original(path, ...rest);
    if (begins() && grows) throw noSpace(name, path);
    return original(path, ...rest);
  };
}

/** Wraps a method of a file handle. */
function wrapHandle(prototype, name, grows) {
  const original = prototype[name];
  prototype[name] = async function (data, ...rest) {
    if (!this.isInside) return original.call(this, data, ...rest);
    if (!begins(grows)) return original.call(this, data, ...rest);
    if (!grows) return original.call(this, data, ...rest);
    await original.call(this, halfOf(data), ...rest);
    if (kind === 'kill') die();
    throw noSpace('write');
  };
}

if (isMainThread && folder) {
  const { open, writeFile } = fs;
  const sample = await open(process.execPath);
  const prototype = Object.getPrototypeOf(sample);
  await sample.close();
  wrapHandle(prototype, 'appendFile', true);
  wrapHandle(prototype, 'writeFile', true);
  wrapHandle(prototype, 'truncate', false);
  fs.open = async (path, flags, ...rest) => {
    const changes = isInside(path) && isWriting(flags);
    if (changes && begins() && kind === 'full') throw noSpace('open', path);
    const handle = await open(path, flags, ...rest);
    handle.isInside = changes;
    return handle;
  };
  // Like the original: the file is created, then written.
  fs.writeFile = async (path, data, options) => {
    if (!isInside(path)) return writeFile(path, data, options);
    if (begins() && kind === 'full') throw noSpace('open', path);
    if (!begins(true)) return writeFile(path, data, options);
    await writeFile(path, halfOf(data), options);
    if (kind === 'kill') die();
    throw noSpace('write');
  };
  wrap('mkdir', { grows: true });
  wrap('mkdtemp', { grows: true });
  wrap('rename');
  wrap('rm');
  wrap('rmdir');
  syncBuiltinESMExports();
  if (kind === 'count') process.on('exit', () => writeFileSync(countFile, String(count)));
}
