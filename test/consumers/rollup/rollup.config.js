/** Rollup: importMetaAssets() is the line that copies weights and .wasm files. */
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';

export default {
  input: 'program.js',
  output: { dir: 'dist' },
  plugins: [nodeResolve({ browser: true }), commonjs(), importMetaAssets()],
};
