/** sampleClasses: a rollup plugin; `virtual:sample-classes` exports the URLs of examples/things. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const jpegs = (folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.jpg'))
    .sort();

/** Alternates the classes: `pawn-1, mug-1, key-1, die-1, pawn-2, …`. */
const interleave = (files) =>
  files.toSorted((a, b) => a.split('-')[1].localeCompare(b.split('-')[1]) || b.localeCompare(a));

export const sampleClasses = (root) => ({
  name: 'sample-classes',
  resolveId: (source) => (source === 'virtual:sample-classes' ? '\0sample-classes' : null),
  load(id) {
    if (id !== '\0sample-classes') return null;
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
    const more = interleave(jpegs(join(folder, 'try'))).map(
      (file) =>
        `{ name: ${JSON.stringify(file.replace('.jpg', '').replace('-', ' '))}, url: ${address('try', file)} }`,
    );
    return `export const sampleClasses = { ${lists} };\nexport const testPictures = [${more}];`;
  },
});
