/** Errors of fine-tuning, and their messages. */
import { BackendError, OptionsError } from '../../errors';
import { HALF, expectNoLeak, onHalfFloats } from '../../../test/support/backends';
import { picture, tinyModel, type TinyModel } from '../../../test/support/tinyModel';
import { someOf } from '../../../test/support/tinted';
import type { FineTuneOptions } from './options';
import { quick, two } from '../../../test/support/quickTuning';

describe('errors of fineTune', () => {
  let model: TinyModel;
  beforeAll(async () => {
    model = await tinyModel('cpu');
  });
  afterAll(() => model.dispose());

  const refused: [string, object, FineTuneOptions, string][] = [
    [
      'one class only',
      { red: [picture()] },
      {},
      'fineTune: there must be images of 2 classes or more, got 1: red. Add images of another class.',
    ],
    [
      'an empty class',
      { red: [picture()], blue: [] },
      {},
      'fineTune: each class must have images, the class "blue" has none. Add some, or leave the class out.',
    ],
    [
      'a misspelled option',
      {},
      { epoch: 3 } as never,
      'fineTune: unknown option "epoch". Did you mean "epochs"? Known: ',
    ],
    ['no epochs', {}, { epochs: 0 }, 'fineTune: epochs must be an integer of at least 1, got 0.'],
    [
      'a rate of 0',
      {},
      { learningRate: 0 },
      'fineTune: learningRate must be a finite number above 0, or one by layer, got 0.',
    ],
    [
      'a rate for what is frozen',
      {},
      { learningRate: { conv1: 1 } },
      'fineTune: learningRate must name trained layers, got "conv1". ',
    ],
    [
      'a layer that is none',
      {},
      { train: ['fc9'] },
      'fineTune: train must name layers with weights, got "fc9". Did you mean "fc2"?',
    ],
    [
      'all for validation',
      {},
      { validationSplit: 1 },
      'fineTune: validationSplit must be at least 0 and below 1, got 1.',
    ],
    [
      'a weight for no class',
      {},
      { classWeights: { green: 2 } } as never,
      'fineTune: classWeights must name classes, got "green". ',
    ],
    [
      'no patience',
      {},
      { earlyStopping: {} as never },
      'fineTune: earlyStopping.patience must be an integer of at least 1, in epochs, got undefined. Pass { patience: 3 }, for example.',
    ],
  ];
  for (const [what, pictures, options, message] of refused) {
    it(`rejects ${what}, and leaks no tensor`, async () => {
      await expectNoLeak(async () => {
        const given = Object.keys(pictures).length > 0 ? pictures : two();
        const error: unknown = await model
          .fineTune(given as never, options as never)
          .then(fail, (reason: unknown) => reason);
        expect(error).toBeInstanceOf(OptionsError);
        expect((error as Error).message.startsWith(message))
          .withContext((error as Error).message)
          .toBe(true);
      });
    });
  }

  it('addClass and removeClass reject invalid calls', async () => {
    const tuned = await model.fineTune(two(), { ...quick, epochs: 1, keepFeatures: false });
    await expectAsync(tuned.addClass('Red', someOf('red', 1))).toBeRejectedWithError(
      OptionsError,
      /^addClass: the label must be new, but there is a class "red"\./,
    );
    await expectAsync(tuned.addClass('green', someOf('green', 1))).toBeRejectedWithError(
      OptionsError,
      /^addClass: the model must have the features of its training images, but they were not kept/,
    );
    await expectAsync(tuned.removeClass('green' as never)).toBeRejectedWithError(
      OptionsError,
      /^removeClass: the label must be one of the model's, got "green"\./,
    );
    await expectAsync(tuned.removeClass('red')).toBeRejectedWithError(
      OptionsError,
      /^removeClass: a model must keep at least two classes, got red, blue\./,
    );
    tuned.dispose();
  });
});

onHalfFloats('fineTune', () => {
  it('is rejected, and the message says what to do', async () => {
    const model = await tinyModel('webgl', { tfBackend: HALF });
    await expectNoLeak(async () => {
      await expectAsync(Promise.resolve(model.fineTune(two(), quick))).toBeRejectedWithError(
        BackendError,
        "fineTune: training needs a GPU that computes with 32-bit floats, got one with 16. Load the model with backend: 'wasm'.",
      );
    });
    expect((await model.classify(picture())).length).toBe(5);
    model.dispose();
  });
});
