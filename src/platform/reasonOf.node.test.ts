/** reasonOf returns a message for every kind of thrown value. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { reasonOf } from '../errors';

/** Thrown by Emscripten, and not an Error. */
function ErrnoError(this: Record<string, unknown>) {
  Object.assign(this, { name: 'ErrnoError', errno: 44 });
}

describe('reasonOf', () => {
  const cases: [string, unknown, string][] = [
    ['an Error', new TypeError('wrong'), 'wrong'],
    ['an Error of another realm', runInNewContext("new Error('far away')"), 'far away'],
    ['a string', 'plain', 'plain'],
    ['nothing', undefined, 'undefined'],
    ['a DOMException', new DOMException('gone', 'AbortError'), 'gone'],
    ['an Error without a message', new RangeError(), 'RangeError'],
    ['an event', new Event('error'), 'an Event of type "error"'],
    ['an event with a message', Object.assign(new Event('error'), { message: 'off' }), 'off'],
    ['a rejection', Object.assign(new Event('x'), { reason: new Error('inner') }), 'inner'],
    ["Emscripten's", new (ErrnoError as unknown as new () => object)(), 'ErrnoError'],
    ['a plain object', { status: 404, url: 'a' }, 'an object with status, url'],
    ['a plain object with a message', { message: 'told' }, 'told'],
    ['an AggregateError', new AggregateError([new Error('a'), 'b'], 'all'), 'all: a; b'],
    ['an AggregateError without a message', new AggregateError([{ x: 1 }]), 'an object with x'],
  ];
  for (const [what, thrown, reason] of cases)
    it(`of ${what}`, () => assert.equal(reasonOf(thrown), reason));
});
