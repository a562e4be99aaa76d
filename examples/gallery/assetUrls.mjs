/**
 * assetUrls: a rollup plugin that emits files referenced by `new URL('./file', import.meta.url)`,
 * as Vite and webpack do. Module workers are bundled.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { walk } from 'estree-walker';
import MagicString from 'magic-string';

/** Returns './file' for a node `new URL('./file', import.meta.url)`. */
function relativeFile(node) {
  if (node.type !== 'NewExpression' || node.callee.name !== 'URL') return undefined;
  const [path, base] = node.arguments;
  const isHere =
    base?.type === 'MemberExpression' &&
    base.object.type === 'MetaProperty' &&
    base.property.name === 'url';
  return isHere && path.type === 'Literal' && path.value.startsWith('.') ? path.value : undefined;
}

/** Workers without `{ type: 'module' }` cannot import, so their file is copied unchanged. */
const isModuleWorker = (node) =>
  node?.type === 'NewExpression' &&
  /^(Shared)?Worker$/.test(node.callee.name) &&
  node.arguments[1]?.properties?.some(
    ({ key, value }) => key?.name === 'type' && value.value === 'module',
  ) === true;

/** @param {string} root folder that contains node_modules */
export const assetUrls = (root) => ({
  name: 'asset-urls',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const result = new MagicString(code);
    const emit = (path, worker) => {
      const inPlace = resolve(dirname(id), path);
      // The package's files will be in node_modules/alexnet-ts/dist, so resolve their neighbors
      // there.
      const file = existsSync(inPlace)
        ? inPlace
        : join(root, 'node_modules', path.replace(/^(\.\.?\/)+/, ''));
      if (!existsSync(file)) return this.error(`${id}: ${path} does not exist.`);
      if (worker)
        return this.emitFile({
          type: 'chunk',
          id: file,
          name: basename(file, extname(file)),
          // No chunk may import a worker's entry: WebKit would evaluate the entry twice.
          preserveSignature: 'strict',
        });
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
