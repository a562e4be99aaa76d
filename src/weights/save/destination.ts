/**
 * Where a model is saved to: the browser's storage, a download, a folder in Node, or a
 * TensorFlow.js IO handler.
 */
import { io } from '@tensorflow/tfjs-core';
import type { IOHandler } from '@tensorflow/tfjs-core/dist/io/types';
import { OptionsError, WeightsError, describe, reasonOf } from '../../errors';
import { isKind } from '../../platform/typeGuards';
import { download } from './browserDownload';
import { writeFolder } from './folder';
import { gunzip, isGzip } from '../../platform/gzip';
import { inflatedBytes } from '../format/manifest';
import { checkSavedName, writeToBrowser } from './savedModels';
import type { WrittenSet } from './write';

/** Anything that `model.save` accepts. */
export type SaveTarget = string | URL | IOHandler;

/**
 * Matches names that every system accepts and displays unchanged, so that none imitates another.
 */
const FILE_NAME =
  // eslint-disable-next-line no-control-regex -- matches what is refused
  /^[^/\\:*?"<>|\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+$/;

/** Writes a set to a destination. */
export type Write = (set: WrittenSet, signal?: AbortSignal) => Promise<void>;

const isHandler = (where: unknown): where is IOHandler =>
  typeof where === 'object' && where !== null && ('save' in where || 'load' in where);

/**
 * Returns a function that writes to the destination that was passed to `save`.
 * @throws OptionsError, before anything is computed, if `save` does not accept it.
 */
export function destination(where: SaveTarget): Write {
  if (typeof where === 'string' || isKind<URL>(where, 'URL')) {
    const text = String(where);
    if (text.startsWith('indexeddb://')) {
      checkSavedName(text, 'save');
      return (set, signal) => writeToBrowser(text, set, signal);
    }
    if (text.startsWith('downloads://')) {
      const name = text.slice('downloads://'.length);
      if (!FILE_NAME.test(name)) {
        throw new OptionsError(
          `save: the target must be 'downloads://' and a file name without slashes or control characters, such as 'downloads://pets', got ${describe(text)}.`,
        );
      }
      return (set) => download(name, set);
    }
    if (text.startsWith('localstorage://')) {
      const [found] = io.getSaveHandlers(text);
      if (found) return (set) => throughHandler(found, set, text);
    }
    if (text !== '' && (!/^[a-z][a-z0-9+.-]+:/i.test(text) || text.startsWith('file:')))
      return (set, signal) => writeFolder(text, set, signal);
  } else if (isHandler(where)) {
    if (!where.save)
      throw new OptionsError('save: this IO handler can only load. Pass one that saves.');
    return (set) => throughHandler(where, set, 'the IO handler');
  }
  throw new OptionsError(
    `save: the target must be 'indexeddb://name', 'downloads://name', a path or file: URL of a folder (in Node) or an IO handler, got ${describe(where)}.`,
  );
}

/**
 * Saves in the form that `load` reads: the manifest as the topology, the inflated shards as weight
 * data.
 */
async function throughHandler(
  handler: IOHandler,
  { manifest, shards }: WrittenSet,
  where: string,
): Promise<void> {
  const data = new Uint8Array(
    manifest.shards.reduce((sum, shard) => sum + inflatedBytes(shard), 0),
  );
  let at = 0;
  for (const shard of manifest.shards) {
    const bytes = shards.get(shard.path)!;
    data.set(
      shard.inflated && isGzip(bytes) ? await gunzip(bytes, inflatedBytes(shard)) : bytes,
      at,
    );
    at += inflatedBytes(shard);
  }
  try {
    await handler.save!({
      format: 'alexnet-ts',
      modelTopology: JSON.parse(JSON.stringify(manifest)) as object,
      weightSpecs: manifest.weightsManifest.flatMap(
        ({ weights }) => weights,
      ) as io.WeightsManifestEntry[],
      weightData: data.buffer,
    });
  } catch (error) {
    throw new WeightsError(where, [`cannot be saved to (${reasonOf(error)}).`], { cause: error });
  }
}
