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
