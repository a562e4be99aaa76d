/** faultServer: a file server with ETag and Range that simulates faults of real servers. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { gzipSync } from 'node:zlib';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/**
 * Handles a request instead of the server. `answer` sends the regular response, optionally with
 * other headers or another body.
 *
 * @typedef {(context: {
 *   request: Request, response: Response, body: Buffer, answer(changes?: { headers?: object, body?:
 *   Buffer }): void,
 * }) => void} Fault
 */

/**
 * Sends the headers and the first `count` bytes, then calls `what` with the connection. A client that
 * has not read these bytes within `ms` may lose them: a stream that fails discards its queue.
 */
const begin = ({ response, body }, count, headers, what, ms = 20) => {
  response.writeHead(200, {
    ...response.cors,
    etag: etagOf(body),
    'content-type': 'application/octet-stream',
    ...headers,
  });
  response.write(body.subarray(0, count), () => setTimeout(() => what(response), ms));
};

const etagOf = (body) => `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
const hangUp = (response) => response.destroy();

/** The faults. @type {Record<string, (...options: any[]) => Fault>} */
export const faults = {
  /** No fault. */
  none: () => (context) => context.answer(),
  /** Sends chunks of `bytes`, one every `ms`. */
  slow: (bytes, ms) => (context) => {
    const { body } = context;
    begin(context, bytes, { 'content-length': body.length }, (response) => {
      let at = bytes;
      const timer = setInterval(() => {
        response.write(body.subarray(at, (at += bytes)));
        if (at >= body.length) response.end();
      }, ms);
      response.on('close', () => clearInterval(timer));
    });
  },
  /** Ends after `count` bytes, with the full Content-Length. */
  cut: (count, headers, ms) => (context) =>
    begin(context, count, { 'content-length': context.body.length, ...headers }, hangUp, ms),
  /** Ends after `count` bytes, without the final chunk. */
  cutChunked: (count) => (context) => begin(context, count, {}, hangUp),
  /** Ends after `count` bytes as HTTP/1.0, where closing the connection ends the file. */
  cutSilently: (count) => (context) => {
    context.response.useChunkedEncodingByDefault = false;
    context.response.shouldKeepAlive = false;
    begin(context, count, { connection: 'close' }, (response) => response.end());
  },
  /** Ends in the middle of a gzip-encoded body. */
  cutEncoded: (count) => (context) => {
    const body = gzipSync(context.body);
    begin(
      { ...context, body },
      count,
      { 'content-encoding': 'gzip', 'content-length': body.length },
      hangUp,
    );
  },
  /** Closes the connection without a response. */
  reset: () => (context) => context.request.socket.destroy(),
  status: (code, headers) => (context) =>
    context.response.writeHead(code, { ...context.response.cors, ...headers }).end('sorry'),
  page: () => (context) =>
    context.answer({
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: Buffer.from('<!doctype html>'),
    }),
  /** Sends a file of another length, with the matching Content-Length: a broken upload. */
  shorter: () => (context) => context.answer({ body: context.body.subarray(0, -5) }),
  longer: () => (context) =>
    context.answer({ body: Buffer.concat([context.body, Buffer.alloc(5000)]) }),
  altered: () => (context) => {
    const body = Buffer.from(context.body);
    body[body.length >> 1] ^= 1;
    context.answer({ body, headers: { 'cache-control': 'max-age=3600' } });
  },
  /** Sends these CORS headers instead of allowing every origin. */
  cors: (headers) => (context) => {
    context.response.cors = headers;
    context.answer();
  },
  noCors: () => (context) => {
    context.response.cors = {};
    context.answer();
  },
  redirect: (address) => (context) =>
    context.response.writeHead(302, { ...context.response.cors, location: address }).end(),
  /** Stalls after `count` bytes without closing. */
  stall: (count) => (context) =>
    begin(context, count, { 'content-length': context.body.length }, () => {}),
  /** Never responds. */
  silent: () => () => {},
  /** Ignores Range. */
  whole: () => (context) => {
    delete context.request.headers.range;
    context.answer();
  },
  /** Sends another range than requested. */
  otherPart: () => (context) => {
    context.request.headers.range = 'bytes=1-';
    context.answer();
  },
};

/**
 * Serves files on a free port of 127.0.0.1 with CORS.
 *
 * @param {Record<string, Uint8Array | string>} files by path, `/model.json`
 * @param {{ key: string | Buffer, cert: string | Buffer }} [tls] serves them over https
 */
export async function faultServer(files, tls) {
  /**
   * @type {{ path: string, method: string, range?: string, condition?: string, status: number,
   * closed: boolean }[]}
   */
  const requests = [];
  /** @type {Map<string, Fault[]>} */
  const planned = new Map();
  const handle = (request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const { range, 'if-range': condition } = request.headers;
    const seen = { path, method: request.method, range, condition, status: 0, closed: false };
    requests.push(seen);
    response.on('close', () => Object.assign(seen, { closed: true, status: response.statusCode }));
    response.cors = { 'access-control-allow-origin': '*' };
    const content = files[path];
    if (content === undefined) return response.writeHead(404, response.cors).end();
    const body = Buffer.from(content);
    const answer = (changes) => answerRight(request, response, { body, ...changes });
    const fault = planned.get(path)?.shift() ?? faults.none();
    fault({ request, response, body, answer });
  };
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    /**
     * Sets the faults of the next requests for `path`. @param {string} path @param {...Fault} list
     */
    fail: (path, ...list) => planned.set(path, list),
    /** The number of open requests. */
    open: () => requests.filter(({ closed }) => !closed),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const types = { html: 'text/html', js: 'text/javascript', json: 'application/json' };

/** The regular response: the file, or the requested range if it has not changed. */
function answerRight(request, response, { body, headers = {} }) {
  const etag = etagOf(body);
  const type = types[request.url.split('.').at(-1)] ?? 'application/octet-stream';
  const all = {
    ...response.cors,
    'content-type': type,
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    ...headers,
  };
  const { range, 'if-range': condition } = request.headers;
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const start = Number(from);
  if (!range || (condition && condition !== etag))
    return response.writeHead(200, { ...all, 'content-length': body.length }).end(body);
  if (!(start < body.length))
    return response.writeHead(416, { ...all, 'content-range': `bytes */${body.length}` }).end();
  const part = body.subarray(start, last ? Number(last) + 1 : body.length);
  const contentRange = `bytes ${start}-${start + part.length - 1}/${body.length}`;
  return response
    .writeHead(206, { ...all, 'content-length': part.length, 'content-range': contentRange })
    .end(part);
}
