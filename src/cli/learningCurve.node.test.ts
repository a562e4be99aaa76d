/** The curves of a training in the terminal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EpochReport } from '../weights/format/tuning';
import { columns, curve } from './learningCurve';

const epoch = (
  i: number,
  loss: number,
  accuracy: number,
  validation?: { loss: number; accuracy: number },
): EpochReport => ({
  epoch: i,
  epochs: 3,
  factor: 1,
  loss,
  accuracy,
  ...(validation ? { validation } : {}),
});

describe('curve', () => {
  it('draws each epoch as a column, to an eighth of a row', () => {
    assert.deepEqual(columns([1, 0.5, 0.025, 0], 1), ['█   ', '█   ', '█▄  ', '██  ', '██▁▁']);
  });

  it('draws loss and accuracy of training and validation on one scale', () => {
    const history = [1, 2, 3].map((i) => epoch(i, 2 / i, i / 3, { loss: 1, accuracy: 0.5 }));
    assert.equal(
      curve(history),
      [
        '      loss, training: 2.00 → 0.67     loss, validation: 1.00 → 1.00',
        '2.00 ┤█',
        '     ┤█',
        '     ┤█▄                              ▄▄▄',
        '     ┤██▅                             ███',
        '0.00 ┤███                             ███',
        '',
        '       accuracy, training: 33 % → 100 %    accuracy, validation: 50 % → 50 %',
        '100 % ┤  █',
        '      ┤ ▃█',
        '      ┤ ██                                 ▄▄▄',
        '      ┤▅██                                 ███',
        '  0 % ┤███                                 ███',
        '',
        '3 epochs',
      ].join('\n'),
    );
  });

  it('leaves epochs out when there are many, and validation when there was none', () => {
    const lines = curve(Array.from({ length: 500 }, (_, i) => epoch(i + 1, 1, i / 499))).split(
      '\n',
    );
    assert.ok(lines.every((line) => line.length <= 46));
    assert.ok(!lines.some((line) => line.includes('validation')));
    assert.match(lines.at(-3)!, /^ {2}0 % ┤▁.*█$/);
  });

  it('is empty before the first epoch', () => assert.equal(curve([]), ''));
});
