/** `npm start`: serves the gallery on http://localhost:8080, with the headers that threads need. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { policy } from './gallery/pages.mjs';

const TYPES = {
  '.css': 'text/css',
  // Without Content-Encoding: the library decompresses its shards itself.
  '.gz': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
};

/** Sent compressed to browsers that accept it. */
const TEXT = /^text\/|^application\/json|svg/;

const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'content-security-policy': `${policy(true)}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
};

/**
 * Serves a folder.
 *
 * @param {object} options
 * @param {string} [options.folder] the built gallery by default
 * @param {number} [options.port] 0 chooses a free port
 * @param {string} [options.under] base path, '/' or '/sub/path/'
 * @param {boolean} [options.bare] sends no security headers, like a static host
 */
export async function serveGallery({
  folder = fileURLToPath(new URL('../dist/gallery', import.meta.url)),
  port = 0,
  under = '/',
  bare = false,
} = {}) {
  const server = createServer(async (request, response) => {
    const end = (status, headers = {}) => response.writeHead(status, headers).end();
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    } catch {
      return end(400);
    }
    if (!path.startsWith(under)) return end(404);
    path = normalize(`${sep}${path.slice(under.length)}`);
    const file = join(folder, path.endsWith(sep) ? `${path}index.html` : path);
    const info = await stat(file).catch(() => undefined);
    if (info?.isDirectory()) return end(302, { location: `${request.url}/` });
    if (!info) return end(404);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    const compressed = TEXT.test(type) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    response.writeHead(200, {
      'content-type': type,
      ...(compressed ? { 'content-encoding': 'gzip' } : { 'content-length': info.size }),
      vary: 'accept-encoding',
      'cache-control': file.includes(`${sep}assets${sep}`)
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      ...(!bare && HEADERS),
    });
    const ignoreAborts = () => {};
    if (compressed) pipeline(createReadStream(file), createGzip(), response, ignoreAborts);
    else pipeline(createReadStream(file), response, ignoreAborts);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return {
    address: `http://localhost:${server.address().port}${under}`,
    close: () => (
      server.closeAllConnections(),
      new Promise((resolve) => server.close(() => resolve()))
    ),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.env.PORT ?? 8080);
  try {
    const { address } = await serveGallery({ port });
    console.log(`The gallery is at ${address} (press Ctrl+C to stop).`);
  } catch (error) {
    console.error(
      error.code === 'EADDRINUSE'
        ? `Port ${port} is in use. Choose another: PORT=8081 npm start`
        : error.message,
    );
    process.exitCode = 1;
  }
}
