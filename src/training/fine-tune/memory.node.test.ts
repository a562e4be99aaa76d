/** Training that needs more memory than a phone has is rejected before it starts. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { paperAlexNet } from '../../alexnet';
import { checkMemory, trainingBytes } from './memory';

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const COMPUTER =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';
const CLASSIFIER = ['fc6', 'fc7', 'fc8'];

describe('checkMemory', () => {
  const net = paperAlexNet(200);
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const setNavigator = (value: unknown) =>
    Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  beforeEach(() => setNavigator({ userAgent: PHONE }));
  afterEach(() => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });

  it('counts the weights, and several copies of the trained ones', () => {
    const all = 4 * net.summary().reduce((sum, { parameters }) => sum + parameters, 0);
    assert.equal(trainingBytes(net, []), all);
    assert.equal(trainingBytes(net, ['fc8']), all + 6 * 4 * (4096 * 200 + 200));
    const classifier = trainingBytes(net, CLASSIFIER);
    assert.ok(classifier > 1.4e9 && classifier < 1.7e9, String(classifier));
  });

  it('rejects the classifier on a phone, and says what to do', () => {
    assert.throws(() => checkMemory(net, CLASSIFIER), {
      name: 'TrainingError',
      message:
        /^fineTune: training fc6, fc7, fc8 takes about 1\.\d GB, and a phone's browser closes pages that take more than 0\.6 GB\. Use train: 'head', or train on a computer\.$/,
    });
    setNavigator({ userAgent: '', userAgentData: { mobile: true } });
    assert.throws(() => checkMemory(net, CLASSIFIER), /takes about/);
  });

  it('allows the head there, and everything on computers', () => {
    checkMemory(net, ['fc8']);
    setNavigator({ userAgent: COMPUTER, userAgentData: { mobile: false } });
    checkMemory(net, CLASSIFIER);
    setNavigator(undefined);
    checkMemory(net, CLASSIFIER);
  });
});
