/** serveBench: serves the project and generated files with gzip; optionally isolated or slow. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));

const types = {
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** File types that are compressed. Weights are not. */
const compressed = new Set(['.html', '.js', '.json', '.mjs', '.wasm']);

const CHUNK = 32 * 1024;

/** Resolves when more can be written or the connection is closed. */
async function writable(response) {
  const done = new AbortController();
  await Promise.race(
    ['drain', 'close'].map((event) => once(response, event, { signal: done.signal })),
  ).finally(() => done.abort());
}

/**
 * @param {object} options
 * @param {Record<string, string | Uint8Array>} options.files generated files by path
 * @param {boolean} [options.isolated] sends COOP and COEP, which threads require
 * @param {number} [options.megabits] bandwidth per second, shared by all responses
 * @returns {Promise<{ address: string, sent(): number, close(): Promise<void> }>}
 */
export async function serveBench({ files, isolated = false, megabits = Infinity }) {
  const gzipped = new Map();
  let sent = 0;
  let free = 0; // time when the connection is free again

  async function send(response, chunks) {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += CHUNK) {
        const part = chunk.subarray(at, at + CHUNK);
        sent += part.length;
        if (megabits < Infinity) {
          free = Math.max(free, performance.now()) + part.length / (megabits * 125);
          if (free - performance.now() > 1) await pause(free - performance.now());
        }
        if (!response.write(part)) await writable(response);
        if (response.destroyed) return;
      }
    }
    response.end();
  }

  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const type = extname(path);
    const found = path in files || (await stat(join(root, path)).catch(() => undefined))?.isFile();
    if (!found) return response.writeHead(404).end();
    const small = compressed.has(type);
    if (small && !gzipped.has(path))
      gzipped.set(path, gzipSync(files[path] ?? (await readFile(join(root, path)))));
    response.writeHead(200, {
      'content-type': types[type] ?? 'application/octet-stream',
      ...(small && { 'content-encoding': 'gzip' }),
      ...(isolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      }),
    });
    if (small) await send(response, [gzipped.get(path)]);
    else
      await send(
        response,
        path in files ? [files[path]] : Readable.from(createReadStream(join(root, path))),
      );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://localhost:${server.address().port}`,
    sent: () => sent,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
