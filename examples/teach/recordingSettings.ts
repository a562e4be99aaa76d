/** recordingSettings: how the camera takes pictures: rate, delay and mirroring. */
import { createElement } from '../gallery/elements';

export interface Recording {
  /** Pictures per second while recording. */
  perSecond: number;
  /** Seconds before recording starts. 0: it records while the button is held. */
  delay: number;
  /** Whether pictures are mirrored, as in a mirror. */
  mirror: boolean;
}

/** Shared by all classes, so that their pictures are alike. */
let current: Recording = { perSecond: 5, delay: 0, mirror: false };

export interface RecordingSettings {
  readonly element: HTMLElement;
  readonly current: Recording;
}

/** Creates the form. `onChange` is called with the settings after the visitor changed them. */
export function recordingSettings(onChange: (settings: Recording) => void): RecordingSettings {
  const choices = (
    label: string,
    key: 'perSecond' | 'delay',
    options: readonly [number, string][],
  ) => {
    const select = createElement(
      'select',
      { autocomplete: 'off' },
      ...options.map(([value, text]) =>
        createElement('option', { value: String(value), selected: current[key] === value }, text),
      ),
    );
    select.addEventListener('change', () => {
      current = { ...current, [key]: Number(select.value) };
      onChange(current);
    });
    return createElement('label', { className: 'field' }, label, select);
  };
  const mirror = createElement('input', {
    type: 'checkbox',
    checked: current.mirror,
    autocomplete: 'off',
  });
  mirror.addEventListener('change', () => {
    current = { ...current, mirror: mirror.checked };
    onChange(current);
  });
  const element = createElement(
    'details',
    {},
    createElement('summary', {}, 'Recording settings'),
    choices('Pictures per second', 'perSecond', [
      [1, '1'],
      [2, '2'],
      [5, '5'],
      [10, '10'],
    ]),
    choices('Start', 'delay', [
      [0, 'while the button is held'],
      [2, '2 seconds after a click'],
      [5, '5 seconds after a click'],
    ]),
    createElement('label', {}, mirror, ' mirror'),
  );
  return {
    element,
    get current() {
      return current;
    },
  };
}
