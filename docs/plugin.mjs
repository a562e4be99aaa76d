/** TypeDoc plugin: titles guides by their first heading, names options, shows file names above code. */
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
      if (!title) throw new Error(`${document.name}: a guide must begin with "# " and its title.`);
      document.name = title;
    }
    // TypeDoc already prints the project's name above the start page.
    project.readme[0].text = project.readme[0].text.replace(HEADING, '');
    // A destructured options object has no name in the source.
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === '__namedParameters') parameter.name = 'options';
      // TypeScript adds the last two arguments of Iterable<T, any, any>.
      parameter.type?.visit(iterables);
    }
  });
  app.on(Application.EVENT_BOOTSTRAP_END, () =>
    app.options.setValue('markdownItLoader', showFiles),
  ); // TypeDoc discards an option that is set earlier
}

/** Prints the file name that follows a fence's language. @param {import('markdown-it')} parser */
function showFiles(parser) {
  const { fence } = parser.renderer.rules;
  parser.renderer.rules.fence = (tokens, i, ...rest) => {
    const file = tokens[i].info.split(' ')[1];
    const caption = file ? `<p class="file">${parser.utils.escapeHtml(file)}</p>` : '';
    return caption + fence(tokens, i, ...rest);
  };
}
