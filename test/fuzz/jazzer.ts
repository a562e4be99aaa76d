/**
 * A target for Jazzer.js, which is not installed with this project. Runs the reader READER with the
 * checks of `npm run fuzz`; Jazzer.js keeps the inputs that reach new code.
 *
 *     npx esbuild test/fuzz/jazzer.ts --bundle --platform=node --format=cjs --outfile=jazzer.cjs \
 *       --external:fast-check --external:sharp --external:alexnet-ts \
 *       --define:import.meta.url='"file:///<this folder>/test/fuzz/x.js"'
 *     READER=onnx node -e "require('./jazzer.cjs').seeds('corpus')"
 *     READER=onnx npx jazzer ./jazzer.cjs corpus -i jazzer.cjs -- -max_total_time=120
 */
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlexNetError } from '../../src/errors';
import { judge } from './judge';
import { texts } from './texts';
import { thirdPartyWeights } from './thirdPartyWeights';
import { weights } from './weights';

const readers = { ...weights, ...thirdPartyWeights, ...texts };
const ready = readers[process.env.READER ?? 'manifest']!();

/** Writes the initial corpus. */
export async function seeds(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const files = fc.sample((await ready).input, { numRuns: 300, seed: 2012 });
  files.forEach((bytes, i) => writeFileSync(join(folder, String(i)), bytes.subarray(0, 60_000)));
}

export async function fuzz(bytes: Uint8Array): Promise<void> {
  await judge(await ready, Uint8Array.from(bytes), [AlexNetError]);
}
