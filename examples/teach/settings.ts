/** settings: the few options of a training, as the form has them. An empty field leaves the library's own default. */
import type { FineTuneOptions } from 'alexnet-ts';

type Settings = Pick<FineTuneOptions, 'train' | 'epochs' | 'learningRate' | 'augment'> & {
  validationSplit: number;
};

/** Further views help where more than the last layer learns: ticked with it, until the visitor decides. */
export function watchSettings(form: HTMLFormElement): void {
  const views = form.elements.namedItem('views') as HTMLInputElement;
  let decided = false;
  views.addEventListener('change', () => (decided = true));
  for (const choice of form.querySelectorAll('[name=train]')) {
    choice.addEventListener('change', () => {
      if (!decided) views.checked = new FormData(form).get('train') === 'classifier';
    });
  }
  form.addEventListener('submit', (event) => event.preventDefault());
}

/** @throws Error with a sentence for a number that is none. */
export function settingsOf(form: HTMLFormElement): Settings {
  const data = new FormData(form);
  const number = (name: string, called: string, fits: (value: number) => boolean, rule: string) => {
    const field = form.elements.namedItem(name) as HTMLInputElement;
    if (field.value === '' && !field.validity.badInput) return undefined;
    const value = field.valueAsNumber;
    if (!fits(value))
      throw new Error(`${called} is ${rule}. Change it under Settings, or leave it empty.`);
    return value;
  };
  const epochs = number(
    'epochs',
    'The number of epochs',
    (value) => Number.isInteger(value) && value >= 1,
    'a whole number from 1',
  );
  const learningRate = number(
    'rate',
    'The learning rate',
    (value) => value > 0,
    'a number above 0',
  );
  return {
    train: data.get('train') as 'head' | 'classifier',
    validationSplit: Number(data.get('keep')),
    augment: data.has('views'),
    ...(epochs !== undefined && { epochs }),
    ...(learningRate !== undefined && { learningRate }),
  };
}
