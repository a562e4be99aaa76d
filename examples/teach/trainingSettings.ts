/** trainingSettings: reads the training options from the form. Empty fields mean the defaults. */
import type { FineTuneOptions } from 'alexnet-ts';

type TrainingSettings = Pick<FineTuneOptions, 'train' | 'epochs' | 'learningRate' | 'augment'> & {
  validationSplit: number;
};

interface NumberRule {
  label: string;
  isValid: (value: number) => boolean;
  rule: string;
}

/** Turns augmentation on when several layers are trained, unless the visitor has set it. */
export function initSettings(form: HTMLFormElement): void {
  const augment = form.elements.namedItem('augment') as HTMLInputElement;
  let changed = false;
  augment.addEventListener('change', () => (changed = true));
  for (const choice of form.querySelectorAll('[name=train]')) {
    choice.addEventListener('change', () => {
      if (!changed) augment.checked = new FormData(form).get('train') === 'classifier';
    });
  }
  form.addEventListener('submit', (event) => event.preventDefault());
}

/** @throws Error if a number is invalid. */
export function readSettings(form: HTMLFormElement): TrainingSettings {
  const data = new FormData(form);
  const number = (name: string, { label, isValid, rule }: NumberRule) => {
    const field = form.elements.namedItem(name) as HTMLInputElement;
    if (field.value === '' && !field.validity.badInput) return undefined;
    const value = field.valueAsNumber;
    if (!isValid(value))
      throw new Error(`${label} must be ${rule}. Change it under Settings, or leave it empty.`);
    return value;
  };
  const epochs = number('epochs', {
    label: 'The number of epochs',
    isValid: (value) => Number.isInteger(value) && value >= 1,
    rule: 'a whole number of at least 1',
  });
  const learningRate = number('learningRate', {
    label: 'The learning rate',
    isValid: (value) => value > 0,
    rule: 'greater than 0',
  });
  return {
    train: data.get('train') as 'head' | 'classifier',
    validationSplit: Number(data.get('validationSplit')),
    augment: data.has('augment'),
    ...(epochs !== undefined && { epochs }),
    ...(learningRate !== undefined && { learningRate }),
  };
}
