/** trainingSettings: reads the training options from the form. Empty fields mean the defaults. */
import type { FineTuneOptions } from 'alexnet-ts';
import { byId } from '../gallery/elements';

type TrainingOptions = Pick<
  FineTuneOptions,
  'train' | 'epochs' | 'batchSize' | 'learningRate' | 'augment' | 'earlyStopping'
> & { validationSplit: number };

/** The values of the form's fields by name. */
export type SettingsValues = Record<string, string | boolean>;

export interface TrainingSettings {
  /** @throws Error if a number is invalid. */
  read(): TrainingOptions;
  /** The values as entered, to store them. */
  values(): SettingsValues;
  /** Sets stored values; fields that are missing get their defaults. */
  restore(values: SettingsValues): void;
  /** Called after the visitor has changed a setting. */
  onChange(listener: () => void): void;
}

interface NumberRule {
  label: string;
  isValid: (value: number) => boolean;
  rule: string;
}

/** Epochs without an improvement on held-out pictures after which training ends. */
const PATIENCE = 8;

const wholeNumber = (label: string): NumberRule => ({
  label,
  isValid: (value) => Number.isInteger(value) && value >= 1,
  rule: 'a whole number of at least 1',
});

export function trainingSettings(form: HTMLFormElement): TrainingSettings {
  const augment = form.elements.namedItem('augment') as HTMLInputElement;
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  /** Whether the visitor has decided about augmentation. */
  let decided = false;
  form.addEventListener('change', ({ target }) => {
    const { name } = target as HTMLInputElement;
    if (name === 'augment') decided = true;
    // Random views improve a training of several layers only.
    if (name === 'train' && !decided)
      augment.checked = new FormData(form).get('train') === 'classifier';
    changed();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  byId('reset-settings').addEventListener('click', () => {
    form.reset();
    decided = false;
    changed();
  });

  function number(name: string, { label, isValid, rule }: NumberRule): number | undefined {
    const field = form.elements.namedItem(name) as HTMLInputElement;
    if (field.value === '' && !field.validity.badInput) return undefined;
    const value = field.valueAsNumber;
    if (!isValid(value))
      throw new Error(`${label} must be ${rule}. Change it under Settings, or leave it empty.`);
    return value;
  }

  return {
    read() {
      const data = new FormData(form);
      const validationSplit = Number(data.get('validationSplit'));
      return {
        train: data.get('train') as 'head' | 'classifier',
        validationSplit,
        augment: data.has('augment'),
        epochs: number('epochs', wholeNumber('The number of epochs')),
        batchSize: number('batchSize', wholeNumber('The batch size')),
        learningRate: number('learningRate', {
          label: 'The learning rate',
          isValid: (value) => value > 0,
          rule: 'greater than 0',
        }),
        // Without held-out pictures, only the training loss is known, which always falls.
        earlyStopping:
          data.has('earlyStopping') && validationSplit > 0 ? { patience: PATIENCE } : undefined,
      };
    },
    values() {
      const data = new FormData(form);
      return {
        ...Object.fromEntries([...data].map(([name, value]) => [name, value as string])),
        augment: data.has('augment'),
        earlyStopping: data.has('earlyStopping'),
        augmentDecided: decided,
      };
    },
    restore(values) {
      form.reset();
      decided = values.augmentDecided === true;
      for (const [name, value] of Object.entries(values)) {
        const field = form.elements.namedItem(name);
        if (field instanceof HTMLInputElement && typeof value === 'boolean') field.checked = value;
        else if (
          (field instanceof HTMLInputElement ||
            field instanceof HTMLSelectElement ||
            field instanceof RadioNodeList) &&
          typeof value === 'string'
        )
          field.value = value;
      }
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
