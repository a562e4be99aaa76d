/** fetchBytes: each failure of a server has its own message. */
import { endless, serve, textBytes, typed } from '../../../test/support/tinySet';
import { fetchBytes } from './fetch';

const base = 'https://sets.test/tiny/';
const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);

/** A response body in parts, which then ends or fails. */
const inParts = (parts: Uint8Array[], breaks?: Error) => {
  const left = [...parts];
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const part = left.shift();
    if (part) controller.enqueue(part);
    else if (breaks) controller.error(breaks);
    else controller.close();
  };
  const cancel = jasmine.createSpy('cancel');
  return {
    body: () =>
      new Response(new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 })),
    left,
    cancel,
  };
};

describe('fetchBytes', () => {
  it('concatenates the parts of a body, and reports each', async () => {
    const { body } = inParts([bytes.subarray(0, 7), bytes.subarray(7, 60), bytes.subarray(60)]);
    serve({ x: body });
    const reported: number[] = [];
    expect(await fetchBytes(`${base}x`, { onBytes: (count) => reported.push(count) })).toEqual(
      bytes,
    );
    expect(reported).toEqual([7, 60, 100]);
  });

  it('reads an empty or missing body as no bytes', async () => {
    serve({ empty: new Uint8Array(), none: () => new Response(null, { status: 204 }) });
    expect(await fetchBytes(`${base}empty`)).toEqual(new Uint8Array());
    expect(await fetchBytes(`${base}none`)).toEqual(new Uint8Array());
  });

  it('reports the status of the response', async () => {
    serve({ broken: () => new Response('sorry', { status: 503, statusText: '' }) });
    await expectAsync(fetchBytes(`${base}none`)).toBeRejectedWithError(
      'the server returned 404 Not Found',
    );
    await expectAsync(fetchBytes(`${base}broken`, { retries: 0 })).toBeRejectedWithError(
      'the server returned 503',
    );
  });

  it('reports an HTML page', async () => {
    serve({ page: () => typed(textBytes('<!doctype html>'), 'Text/HTML; charset=utf-8') });
    const text =
      'tries 1 to 2: the server returned an HTML page: a wrong address, or a page that asks for a login';
    await expectAsync(fetchBytes(`${base}page`)).toBeRejectedWithError(text);
  });

  it('reports an unreachable server, and mentions CORS', async () => {
    serve({});
    const text =
      'cannot be fetched (Failed to fetch). Is the address right, and does the server send Access-Control-Allow-Origin?';
    await expectAsync(fetchBytes('https://nowhere.test/x', { retries: 0 })).toBeRejectedWithError(
      text,
    );
  });

  it('reports where the connection broke', async () => {
    serve({ x: inParts([bytes.subarray(0, 60)], new TypeError('network error')).body });
    await expectAsync(fetchBytes(`${base}x`, { retries: 0 })).toBeRejectedWithError(
      'the connection broke after 60 bytes (network error)',
    );
  });

  it('stops reading at the limit', async () => {
    const { body, left, cancel } = inParts(Array.from({ length: 1000 }, () => bytes));
    serve({ x: body });
    await expectAsync(fetchBytes(`${base}x`, { limit: 250 })).toBeRejectedWithError(
      'tries 1 to 2: has more than the 250 bytes that the manifest says',
    );
    expect(left.length).toBeGreaterThan(990);
    expect(cancel).toHaveBeenCalled();
  });

  it('reads exactly as many bytes as the limit', async () => {
    serve({ x: bytes });
    expect((await fetchBytes(`${base}x`, { limit: 100 })).length).toBe(100);
  });

  it("rejects with the signal's reason, of any type, before and during the request", async () => {
    const { requests } = serve({ x: endless(bytes) });
    await expectAsync(
      fetchBytes(`${base}x`, { signal: AbortSignal.abort('enough') }),
    ).toBeRejectedWith('enough');
    expect(requests).toEqual([]);
    const stop = new AbortController();
    const reason = { why: 'the user left' };
    const fetched = fetchBytes(`${base}x`, {
      signal: stop.signal,
      onBytes: () => stop.abort(reason),
    });
    await expectAsync(fetched).toBeRejectedWith(reason);
  });
});
