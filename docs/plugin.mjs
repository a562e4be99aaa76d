/** TypeDoc's guides take their titles from their first heading, so that GitHub and the site show the same file. */
import { Converter } from 'typedoc';

const HEADING = /^# (.+)\n+/;

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.documents ?? []) {
      const [first] = document.content;
      const title = HEADING.exec(first.text)?.[1];
      if (!title) throw new Error(`${document.name}: a guide begins with "# " and its title.`);
      document.name = title;
      first.text = first.text.replace(HEADING, '');
    }
  });
}
