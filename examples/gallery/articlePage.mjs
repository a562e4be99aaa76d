/** articleBody: the HTML of the article, from its sections. */
import { SECTIONS } from '../article/sections.mjs';

/**
 * @param {object} options
 * @param {(file: string) => string} options.read reads a section and fills in measured values
 * @param {string} options.icon address of the icon
 * @param {import('./share.mjs').SiteLinks} options.links
 * @param {Record<string, string>} options.figures
 * @param {string} options.cards HTML of the tools' cards
 */
export function articleBody({ read, icon, links, figures, cards }) {
  const external = [
    ['The paper', links.paper],
    ['Source code', links.repository],
    ['npm', links.npm],
  ]
    .filter(([, address]) => address)
    .map(([text, address]) => `<a href="${address}">${text}</a>`)
    .join('\n        ');
  const contents = SECTIONS.map(({ id, short }) => `<li><a href="#${id}">${short}</a></li>`);
  const sections = SECTIONS.map(
    ({ id, title }) => `      <section id="${id}" aria-labelledby="${id}-title">
        <h2 id="${id}-title">${title} <a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h2>
${read(`${id}.html`).trimEnd().replace(/^/gm, '        ')}
      </section>`,
  );
  return `    <header class="site">
      <a class="brand" href="./"><img src="${icon}" alt="" width="28" height="28" />AlexNet</a>
      <nav aria-label="Site">
        <a href="#tools">Tools</a>
        ${external}
      </nav>
    </header>
    <main id="main" class="article" data-shipped-classes="${figures['weights.classes']}" data-download="${figures['weights.size']}">
${read('picture.html').trimEnd().replace(/^/gm, '      ')}
      <nav class="contents" aria-label="Sections">
        <ol>${contents.join('')}</ol>
      </nav>
${sections.join('\n')}
    </main>`.replace('<!-- cards -->', cards);
}
