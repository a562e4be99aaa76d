/** Rollup plugins of this package. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

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
