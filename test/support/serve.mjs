/** serve: a static file server for browser tests. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const types = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves the project or another folder, and generated files, on a free port of localhost.
 *
 * @param {object} options
 * @param {Record<string, string | Uint8Array>} [options.files] generated files by path,
 * `/index.html`
 * @param {string} [options.folder] instead of the project
 * @param {boolean} [options.isolated] sends COOP and COEP, which WebAssembly threads require
 * @param {boolean} [options.encoded] sends *.gz with Content-Encoding: gzip
 * @param {string} [options.policy] sends it as Content-Security-Policy
 * @param {boolean} [options.cors] allows other sites (CORS)
 * @returns {Promise<{ address: string, requests: string[], close(): Promise<void> }>}
 */
export async function serve({
  files = {},
  folder = root,
  isolated = false,
  encoded = false,
  policy,
  cors = false,
} = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    requests.push(path);
    const body = files[path] ?? (await readFile(join(folder, path)).catch(() => undefined));
    // Browsers with a window ask for it.
    if (body === undefined) return response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      ...(encoded && path.endsWith('.gz') && { 'content-encoding': 'gzip' }),
      ...(isolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      }),
      ...(policy && { 'content-security-policy': policy }),
      ...(cors && { 'access-control-allow-origin': '*' }),
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://localhost:${server.address().port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
