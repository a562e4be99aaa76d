/**
 * trainingLock: allows one training at a time, and none while pictures are being added. Buttons with
 * `data-trains` are disabled meanwhile.
 */
import { byId } from '../gallery/elements';

let training = false;
/** Imports of pictures that run or wait. */
let imports = 0;

/** Whether pictures are being added. */
export const isImporting = (): boolean => imports > 0;

const isLocked = () => training || isImporting();

function update(): void {
  for (const each of document.querySelectorAll<HTMLButtonElement>('button[data-trains]'))
    each.disabled = isLocked();
  byId('train-hint').hidden = !isImporting();
}

/** Marks a button that starts a training. */
export function trainingButton(element: HTMLButtonElement): HTMLButtonElement {
  element.dataset.trains = '';
  element.disabled = isLocked();
  return element;
}

/** Runs `work` unless another training is running. */
export async function withTrainingLock(work: () => Promise<void>): Promise<void> {
  if (training) return;
  training = true;
  update();
  try {
    await work();
  } finally {
    training = false;
    update();
  }
}

/** Prevents a training from starting until `work` has added its pictures. */
export async function withImportLock(work: () => Promise<void>): Promise<void> {
  imports++;
  update();
  try {
    await work();
  } finally {
    imports--;
    update();
  }
}
