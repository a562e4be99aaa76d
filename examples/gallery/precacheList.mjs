/**
 * precacheList: a rollup plugin that lists the gallery's files and hashes for the service worker.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The bundle of the service worker adds its own licenses to this file, after it has been listed. */
const LICENSES = 'licences.txt';

/**
 * Provides `virtual:precache`: `files` to cache on installation, with their hashes, and `shards` of
 * the weights to cache later, with their SHA-256.
 */
export const precacheList = (folder) => ({
  name: 'precache-list',
  resolveId: (source) => (source === 'virtual:precache' ? '\0precache' : null),
  load(id) {
    if (id !== '\0precache') return null;
    const all = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('serviceWorker'))
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll(sep, '/'),
      )
      .sort();
    const sha256 = (file, encoding) =>
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest(encoding);
    const files = all
      .filter((file) => !file.endsWith('.gz'))
      .map((url) => ({
        url,
        revision: sha256(url, 'hex'),
        ...(url !== LICENSES && { integrity: `sha256-${sha256(url, 'base64')}` }),
      }));
    const shards = all
      .filter((file) => file.endsWith('.gz'))
      .map((url) => ({ url, sha256: sha256(url, 'hex') }));
    return `export const files = ${JSON.stringify(files)};\nexport const shards = ${JSON.stringify(shards)};`;
  },
});
