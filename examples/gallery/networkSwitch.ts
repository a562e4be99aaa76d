/** networkSwitch: chooses between the shipped network and the one that the visitor brought. */
import { createElement } from './elements';
import { countOf } from './format';
import { chooseNetwork, ownWeights, usesOwnWeights } from './ownWeights';

/**
 * Shows the switch below the title of a page that uses the network, in place of the hint where to
 * get another one. A choice reloads the page. Does nothing before the visitor has brought a network.
 */
export function networkSwitch(): void {
  const main = document.querySelector<HTMLElement>('main[data-shipped-classes]');
  const own = ownWeights();
  main?.classList.toggle('own-network', usesOwnWeights());
  main?.querySelector('.network-switch')?.remove();
  if (!main || !own) return;
  main.querySelector('.network-hint')?.remove();
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
  main
    .querySelector('header.title')!
    .append(
      createElement(
        'fieldset',
        { className: 'switch network-switch' },
        createElement('legend', {}, 'Network'),
        option('shipped', `the shipped one, ${main.dataset.shippedClasses} classes`),
        option('own', `${own.source}, ${countOf(own.classes, 'class', 'classes')} (yours)`),
      ),
    );
}
