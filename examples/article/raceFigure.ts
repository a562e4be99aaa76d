/** raceFigure: trains two networks, with ReLU and with tanh, when the visitor scrolls to them. */
import { byId } from '../gallery/elements';
import { errorMessage } from '../gallery/errorMessage';
import { savesData } from './networkLoader';

/** The learning rate that works best for each, as in the paper. */
const SETTINGS = { relu: 0.0003, tanh: 0.001, count: 400, seed: 1 };

export function raceFigure(): void {
  const element = byId('race-figure');
  const start = byId<HTMLButtonElement>('race-start');
  const status = byId('race-status');
  let race: Promise<{ run(onText: (text: string) => void): Promise<string> }> | undefined;

  async function run() {
    start.disabled = true;
    byId('race-result').textContent = '';
    status.textContent = 'Loading TensorFlow.js …';
    try {
      race ??= import('./race').then(({ createRace }) => createRace(byId('race-curves'), SETTINGS));
      byId('race-result').textContent = await (
        await race
      ).run((text) => (status.textContent = text));
      status.textContent = 'Done.';
    } catch (error) {
      status.textContent = errorMessage(error) ?? '';
    }
    start.textContent = 'Race again';
    start.disabled = false;
  }

  start.addEventListener('click', () => void run());
  if (savesData() || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    start.textContent = 'Start the race';
    status.textContent = '';
    return;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      void run();
    },
    { threshold: 0.3 },
  );
  observer.observe(element);
}
