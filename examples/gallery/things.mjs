/** things: a rollup plugin whose `virtual:things` exports the addresses of examples/things: pictures by class, and some to try. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const jpegs = (folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.jpg'))
    .sort();

/** `pawn-1, mug-1, key-1, die-1, pawn-2, …`: one of each class after the other. */
const inTurn = (files) =>
  files.toSorted((a, b) => a.split('-')[1].localeCompare(b.split('-')[1]) || b.localeCompare(a));

export const things = (root) => ({
  name: 'things',
  resolveId: (source) => (source === 'virtual:things' ? '\0things' : null),
  load(id) {
    if (id !== '\0things') return null;
    const folder = join(root, 'examples/things');
    const address = (...path) => {
      const file = join(folder, ...path);
      const reference = this.emitFile({
        type: 'asset',
        name: path.at(-1),
        originalFileName: file,
        source: readFileSync(file),
      });
      return `import.meta.ROLLUP_FILE_URL_${reference}`;
    };
    const classes = readdirSync(join(folder, 'pictures')).sort();
    const lists = classes.map(
      (name) =>
        `${JSON.stringify(name)}: [${jpegs(join(folder, 'pictures', name)).map((file) => address('pictures', name, file))}]`,
    );
    const more = inTurn(jpegs(join(folder, 'try'))).map(
      (file) =>
        `{ name: ${JSON.stringify(file.replace('.jpg', '').replace('-', ' '))}, url: ${address('try', file)} }`,
    );
    return `export const things = { ${lists} };\nexport const toTry = [${more}];`;
  },
});
