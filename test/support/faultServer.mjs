/** faultServer: serves files with ETag and Range, and fails as real servers do: each path has a list of faults, one for each request. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/**
 * What is done instead of a right answer. `answer` gives that one, with other headers or another body if it is told so.
 *
 * @typedef {(context: {
 *   request: Request, response: Response, body: Buffer, answer(changes?: { headers?: object, body?: Buffer }): void,
 * }) => void} Fault
 */

/** The headers of the whole file are sent, and the first `count` bytes; then `what` is done with the connection. */
const begin = ({ response, body }, count, headers, what) => {
  response.writeHead(200, {
    ...response.cors,
    etag: etagOf(body),
    'content-type': 'application/octet-stream',
    ...headers,
  });
  response.write(body.subarray(0, count), () => setTimeout(() => what(response), 20)); // the reader shall see these bytes
};

const etagOf = (body) => `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
const hangUp = (response) => response.destroy();

/** The ways to fail. @type {Record<string, (...options: any[]) => Fault>} */
export const faults = {
  /** Nothing is wrong with this one. */
  none: () => (context) => context.answer(),
  /** In parts of `bytes`, one every `ms`. */
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
  /** Ends behind `count` bytes, and has said how many there would be. */
  cut: (count, headers) => (context) =>
    begin(context, count, { 'content-length': context.body.length, ...headers }, hangUp),
  /** Ends behind `count` bytes, without the chunk that says that this is the end. */
  cutChunked: (count) => (context) => begin(context, count, {}, hangUp),
  /** Ends behind `count` bytes as if that were all: HTTP/1.0, where the end of the connection is that of the file. */
  cutSilently: (count) => (context) => {
    context.response.useChunkedEncodingByDefault = false;
    context.response.shouldKeepAlive = false;
    begin(context, count, { connection: 'close' }, (response) => response.end());
  },
  /** Ends in the middle of a body that is sent with Content-Encoding: gzip. */
  cutEncoded: (count) => (context) => {
    const body = gzipSync(context.body);
    begin(
      { ...context, body },
      count,
      { 'content-encoding': 'gzip', 'content-length': body.length },
      hangUp,
    );
  },
  /** Hangs up without an answer. */
  reset: () => (context) => context.request.socket.destroy(),
  status: (code, headers) => (context) =>
    context.response.writeHead(code, { ...context.response.cors, ...headers }).end('sorry'),
  page: () => (context) =>
    context.answer({
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: Buffer.from('<!doctype html>'),
    }),
  /** Another length, which it says: a broken upload. */
  shorter: () => (context) => context.answer({ body: context.body.subarray(0, -5) }),
  longer: () => (context) =>
    context.answer({ body: Buffer.concat([context.body, Buffer.alloc(5000)]) }),
  altered: () => (context) => {
    const body = Buffer.from(context.body);
    body[body.length >> 1] ^= 1;
    context.answer({ body, headers: { 'cache-control': 'max-age=3600' } });
  },
  noCors: () => (context) => {
    context.response.cors = {};
    context.answer();
  },
  redirect: (address) => (context) =>
    context.response.writeHead(302, { ...context.response.cors, location: address }).end(),
  /** Sends `count` bytes, and then no more, and does not hang up. */
  stall: (count) => (context) =>
    begin(context, count, { 'content-length': context.body.length }, () => {}),
  /** Does not answer at all. */
  silent: () => () => {},
  /** Takes no notice of Range. */
  whole: () => (context) => {
    delete context.request.headers.range;
    context.answer();
  },
  /** Sends another part than was asked for. */
  otherPart: () => (context) => {
    context.request.headers.range = 'bytes=1-';
    context.answer();
  },
};

/**
 * Serves `files` on a free port of 127.0.0.1, to every site.
 *
 * @param {Record<string, Uint8Array | string>} files by their path, `/model.json`
 */
export async function faultServer(files) {
  /** @type {{ path: string, method: string, range?: string, condition?: string, status: number, closed: boolean }[]} */
  const requests = [];
  /** @type {Map<string, Fault[]>} */
  const planned = new Map();
  const server = createServer((request, response) => {
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
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    /** The next requests for `path` fail so, one after the other. @param {string} path @param {...Fault} list */
    fail: (path, ...list) => planned.set(path, list),
    /** The requests that are not over. */
    open: () => requests.filter(({ closed }) => !closed),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const types = { html: 'text/html', js: 'text/javascript', json: 'application/json' };

/** What a good server answers: the file, or the part of it that is asked for while it is the same. */
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
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]);
  if (!range || (condition && condition !== etag))
    return response.writeHead(200, { ...all, 'content-length': body.length }).end(body);
  if (!(start < body.length))
    return response.writeHead(416, { ...all, 'content-range': `bytes */${body.length}` }).end();
  const part = body.subarray(start);
  const contentRange = `bytes ${start}-${body.length - 1}/${body.length}`;
  return response
    .writeHead(206, { ...all, 'content-length': part.length, 'content-range': contentRange })
    .end(part);
}
