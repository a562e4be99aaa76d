/** showFigures: shows the picture in each figure when the visitor scrolls to it. */
import { createElement } from '../gallery/elements';
import { errorMessage } from '../gallery/errorMessage';
import { visibilityQueue } from '../gallery/visibilityQueue';
import type { Scene } from './scene';

/** A figure of the article that shows the picture. */
export interface Figure {
  element: HTMLElement;
  show(scene: Scene): Promise<void>;
}

/** Returns a function that shows a new picture in all figures. */
export function showFigures(figures: readonly Figure[]): (scene: Scene) => void {
  let scene: Scene | undefined;
  const problems = new Map(
    figures.map(({ element }) => {
      const line = createElement('p', { className: 'problem', role: 'alert', hidden: true });
      element.append(line);
      return [element, line];
    }),
  );

  async function show(element: HTMLElement) {
    const shown = scene;
    if (!shown) return;
    const problem = problems.get(element)!;
    try {
      await figures.find((figure) => figure.element === element)!.show(shown);
      problem.hidden = true;
    } catch (error) {
      problem.textContent = errorMessage(error) ?? '';
      problem.hidden = false;
    }
    if (shown !== scene) return; // a newer picture was chosen
    element.classList.remove('waiting');
    element.dataset.picture = shown.picture.name;
  }

  const elements = figures.map(({ element }) => element);
  const queue = visibilityQueue(elements, show, console.error);
  for (const element of elements) element.classList.add('waiting');
  return (next) => {
    if (scene) scene.superseded = true;
    scene = next;
    for (const element of elements) element.classList.add('waiting');
    queue.restart();
  };
}
