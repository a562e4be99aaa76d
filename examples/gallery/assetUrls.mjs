/** assetUrls: a rollup plugin that emits what `new URL('./file', import.meta.url)` names, as Vite and webpack do; of a module Worker, a bundle. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { walk } from 'estree-walker';
import MagicString from 'magic-string';

/** The './file' of `new URL('./file', import.meta.url)`. */
function relativeFile(node) {
  if (node.type !== 'NewExpression' || node.callee.name !== 'URL') return undefined;
  const [path, base] = node.arguments;
  const isHere =
    base?.type === 'MemberExpression' &&
    base.object.type === 'MetaProperty' &&
    base.property.name === 'url';
  return isHere && path.type === 'Literal' && path.value.startsWith('.') ? path.value : undefined;
}

/** One without `{ type: 'module' }` is whole already, since it cannot import: it is copied as it is. */
const isModuleWorker = (node) =>
  node?.type === 'NewExpression' &&
  /^(Shared)?Worker$/.test(node.callee.name) &&
  node.arguments[1]?.properties?.some(
    ({ key, value }) => key?.name === 'type' && value.value === 'module',
  ) === true;

/** @param {string} root the folder that holds node_modules */
export const assetUrls = (root) => ({
  name: 'asset-urls',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const result = new MagicString(code);
    const emit = (path, worker) => {
      const inPlace = resolve(dirname(id), path);
      // The package's own files lie in node_modules/alexnet-ts/dist once installed; what they call a neighbour is found from there.
      const file = existsSync(inPlace)
        ? inPlace
        : join(root, 'node_modules', path.replace(/^(\.\.?\/)+/, ''));
      if (!existsSync(file)) return this.error(`${id}: ${path} is not there.`);
      if (worker)
        return this.emitFile({ type: 'chunk', id: file, name: basename(file, extname(file)) });
      return this.emitFile({
        type: 'asset',
        name: basename(file),
        originalFileName: file,
        source: readFileSync(file),
      });
    };
    walk(this.parse(code), {
      enter(node, parent) {
        const path = relativeFile(node);
        if (path !== undefined)
          result.update(
            node.start,
            node.end,
            `new URL(import.meta.ROLLUP_FILE_URL_${emit(path, isModuleWorker(parent))})`,
          );
      },
    });
    return { code: result.toString(), map: result.generateMap({ hires: true }) };
  },
});
