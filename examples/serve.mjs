/** `npm start`: serves the examples on http://localhost:8080, with the headers that WASM threads need. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = Number(process.env.PORT ?? 8080);

/** What a page may ask for. Shards stay gzipped: the library inflates them itself. */
const FOLDERS = ['examples', 'dist', 'weights', 'node_modules/@tensorflow', 'node_modules/seedrandom'];

const TYPES = {
  '.css': 'text/css',
  '.gz': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

const server = createServer(async (request, response) => {
  const end = (status, headers = {}) => response.writeHead(status, headers).end();
  let path;
  try {
    path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
  } catch {
    return end(400);
  }
  if (path === sep) return end(302, { location: '/examples/classify/' });
  const served = FOLDERS.some((folder) => path.startsWith(`${sep}${normalize(folder)}${sep}`));
  const file = join(root, path.endsWith(sep) ? `${path}index.html` : path);
  const info = served ? await stat(file).catch(() => undefined) : undefined;
  if (info?.isDirectory()) return end(302, { location: `${request.url}/` });
  if (!info) return end(404);
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': info.size,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'content-security-policy':
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data: https:; connect-src 'self' https: data:",
  });
  createReadStream(file).pipe(response);
});

server.on('error', (error) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${port} is taken. Choose another: PORT=8081 npm start` : error.message);
  process.exitCode = 1;
});
server.listen(port, () => console.log(`The examples are on http://localhost:${server.address().port} (Ctrl+C ends).`));
