/** networkSwitch: chooses between the shipped network and the one that the visitor brought. */
import { createElement } from './elements';
import { countOf } from './format';
import { chooseNetwork, ownWeights, usesOwnWeights } from './ownWeights';

/** The page that converts a network, which needs no link to itself. */
const SOURCE = 'imagenet';

/**
 * Shows the switch below the title of a page that uses the network. A choice reloads the page. Before
 * the visitor has brought a network, shows where to get one.
 */
export function networkSwitch(): void {
  const main = document.querySelector<HTMLElement>('main[data-shipped-classes]');
  const own = ownWeights();
  main?.classList.toggle('own-network', usesOwnWeights());
  main?.querySelector('.network-switch, .network-hint')?.remove();
  if (!main) return;
  const title = main.querySelector('header.title')!;
  if (!own) return main.matches(`.example:not(.${SOURCE})`) ? title.append(hint(main)) : undefined;
  const option = (choice: 'own' | 'shipped', text: string) => {
    const radio = createElement('input', {
      type: 'radio',
      name: 'network',
      checked: usesOwnWeights() === (choice === 'own'),
      onchange: () => {
        chooseNetwork(choice);
        location.reload();
      },
    });
    return createElement('label', {}, radio, ` ${text}`);
  };
  title.append(
    createElement(
      'fieldset',
      { className: 'switch network-switch' },
      createElement('legend', {}, 'Network'),
      option('shipped', `the shipped one, ${main.dataset.shippedClasses} classes`),
      option('own', `${own.source}, ${countOf(own.classes, 'class', 'classes')} (yours)`),
    ),
  );
}

const hint = (main: HTMLElement) =>
  createElement(
    'p',
    { className: 'note network-hint' },
    `This network knows ${main.dataset.shippedClasses} kinds of things. `,
    createElement('a', { href: `../${SOURCE}/` }, 'Bring one that knows 1000'),
  );
