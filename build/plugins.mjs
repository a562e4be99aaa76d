/** Rollup plugins of this package. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { walk } from 'estree-walker';
import MagicString from 'magic-string';

/**
 * Resolves './x' to './x.<name>.ts' where that file exists; the variant itself may import './x'.
 */
export const variant = (name) => ({
  name: `variant-${name}`,
  resolveId(source, importer) {
    if (!importer || !source.startsWith('.')) return null;
    const file = resolve(dirname(importer), `${source}.${name}.ts`);
    return existsSync(file) && file !== importer ? file : null;
  },
});

/**
 * Removes what TensorFlow.js and seedrandom would do in Node from a bundle for browsers: bundlers of apps follow
 * each `require`, and take `typeof __filename` for their own stand-in.
 */
export const browserOnly = {
  name: 'browser-only',
  transform(code, id) {
    if (!/[\\/]node_modules[\\/]/.test(id)) return null;
    const edited = code
      .replace(/\btypeof\s*\(?\s*(process|__filename|__dirname|require)\b\s*\)?/g, "'undefined'")
      .replace(
        /\brequire\((['"])(fs|os|path|perf_hooks|worker_threads|util|crypto|node-fetch)\1\)/g,
        'undefined',
      )
      .replace(/\b__dirname\b/g, "''");
    return edited === code ? null : { code: edited, map: { mappings: '' } };
  },
};

const NODE_GLOBALS = {
  'node:stream/web': [
    'CompressionStream',
    'DecompressionStream',
    'ReadableStream',
    'TransformStream',
  ],
  'node:util': ['TextDecoder', 'TextEncoder'],
  'node:worker_threads': ['MessageChannel'],
};

/**
 * Imports classes that are global in Node: a test environment such as jsdom has a global object of
 * its own, which lacks them.
 */
export const nodeGlobals = {
  name: 'node-globals',
  transform(code) {
    const text = new MagicString(code);
    for (const [module, names] of Object.entries(NODE_GLOBALS)) {
      const used = names.filter((name) => new RegExp(`\\bnew ${name}\\b`).test(code));
      if (used.length > 0) text.prepend(`import { ${used.join(', ')} } from '${module}';\n`);
    }
    return text.hasChanged()
      ? { code: text.toString(), map: text.generateMap({ hires: 'boundary' }) }
      : null;
  },
};

/**
 * Writes `[^\/]` for `[^/]` in regular expressions. The tokenizer of Vite 5 (js-tokens 9.0.0) ends
 * the expression at that slash, and then overlooks `new URL(…, import.meta.url)` in the rest.
 */
export const escapedSlashes = {
  name: 'escaped-slashes',
  renderChunk(code) {
    const text = new MagicString(code);
    walk(this.parse(code), {
      enter({ type, regex, start }) {
        if (type !== 'Literal' || !regex) return;
        const { pattern } = regex;
        const escaped = pattern.replace(/\\[^]|\//g, (part) => (part === '/' ? '\\/' : part));
        if (escaped !== pattern) text.update(start + 1, start + 1 + pattern.length, escaped);
      },
    });
    return text.hasChanged()
      ? { code: text.toString(), map: text.generateMap({ hires: 'boundary' }) }
      : null;
  },
};

/**
 * Removes `@__PURE__` except before calls of a module's top level, where it lets bundlers drop what an
 * app does not use. Elsewhere it has no effect, and terser writes it before `return` as well, which
 * Rollup warns about.
 */
export const topLevelAnnotations = {
  name: 'top-level-annotations',
  renderChunk(code) {
    const text = new MagicString(code);
    const functions = [];
    walk(this.parse(code), {
      enter({ type, start, end }) {
        if (!/Function|MethodDefinition/.test(type)) return;
        functions.push([start, end]);
        this.skip();
      },
    });
    for (const { index, 0: note } of code.matchAll(/\/\* ?[@#]__PURE__ ?\*\/ ?/g))
      if (functions.some(([start, end]) => start <= index && index < end))
        text.remove(index, index + note.length);
    return text.hasChanged()
      ? { code: text.toString(), map: text.generateMap({ hires: 'boundary' }) }
      : null;
  },
};

/** What `import.meta.url` is in CommonJS. Rollup's own asks for a `document`, which tests set up. */
export const importMetaUrl = {
  name: 'import-meta-url',
  resolveImportMeta: (property, { format }) =>
    property === 'url' && format === 'cjs'
      ? 'require("node:url").pathToFileURL(__filename).href'
      : null,
};

/** The edits that make emscripten's script of the threaded WASM a module for browsers. */
const SCRIPT_EDITS = [
  [
    /if \(typeof exports === 'object' && typeof module[^]*$/,
    'export default WasmBackendModuleThreadedSimd;',
  ],
  [/if \(typeof __filename !== 'undefined'\)[^;]*;/, ''], // webpack would take this branch
  [/var ENVIRONMENT_IS_NODE=[^;]*;/, ''],
  [/\bENVIRONMENT_IS_NODE\b/g, 'false'],
];

/** Makes TensorFlow.js' script for threaded WASM a module: its package has only the script. */
export const threadedScript = {
  name: 'threaded-script',
  transform(code, id) {
    if (!id.endsWith('tfjs-backend-wasm-threaded-simd.js')) return null;
    const script = SCRIPT_EDITS.reduce((text, [part, replacement]) => {
      if (text.search(part) < 0) throw new Error(`${id}: ${part} no longer matches`);
      return text.replace(part, replacement);
    }, code);
    return { code: script, map: { mappings: '' } };
  },
};
