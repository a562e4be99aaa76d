/** What TypeDoc does not do by itself: guides titled by their first heading, options called so, and a file's name above its code. */
import { Application, Converter, makeRecursiveVisitor, ReflectionKind } from 'typedoc';

const HEADING = /^# (.+)\n+/;

const iterables = makeRecursiveVisitor({
  reference(type) {
    if (/^(Async)?Iterable$/.test(type.name)) type.typeArguments = type.typeArguments?.slice(0, 1);
  },
});

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.documents ?? []) {
      const title = HEADING.exec(document.content[0].text)?.[1];
      if (!title) throw new Error(`${document.name}: a guide begins with "# " and its title.`);
      document.name = title;
    }
    // The start page has the project's name above it.
    project.readme[0].text = project.readme[0].text.replace(HEADING, '');
    // An options object that is taken apart in the signature has no name in the source.
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === '__namedParameters') parameter.name = 'options';
      // Of an Iterable<T, any, any> nobody wrote the last two.
      parameter.type?.visit(iterables);
    }
  });
  app.on(Application.EVENT_BOOTSTRAP_END, () =>
    app.options.setValue('markdownItLoader', showFiles),
  ); // what is set sooner is forgotten
}

/** A fence may name a file behind its language. @param {import('markdown-it')} parser */
function showFiles(parser) {
  const { fence } = parser.renderer.rules;
  parser.renderer.rules.fence = (tokens, i, ...rest) => {
    const file = tokens[i].info.split(' ')[1];
    const caption = file ? `<p class="file">${parser.utils.escapeHtml(file)}</p>` : '';
    return caption + fence(tokens, i, ...rest);
  };
}
