/**
 * Compiles src/engines/wasm/assembly with and without relaxed SIMD into base64 strings: training.ts
 * into src/kernels/wasm/trainingBinary.ts, inference.ts into src/kernels/wasm/inferenceBinary.ts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src/engines/wasm/assembly/', import.meta.url));

/** No runtime and no data: the module works in the memory that it imports. */
const options = [
  '-O3',
  // Less inlining makes the binaries smaller; no layer was slower in `bench --layers`.
  '--shrinkLevel',
  '1',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--enable',
  'simd',
  '--disableWarning',
  '112',
  '--initialMemory',
  '1',
  '--maximumMemory', // TensorFlow.js' limit; shared memory must have one
  '65536',
];
export const relaxed = ['--enable', 'relaxed-simd'];

export async function compile(entry, ...more) {
  let binary;
  const { error, stderr } = await asc.main(
    [entry, '--outFile', 'kernels.wasm', '--baseDir', folder, ...options, ...more],
    {
      writeFile: (name, contents) => void (name.endsWith('.wasm') && (binary = contents)),
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary);
}

/**
 * Returns the offset of the only byte in which the module for shared memory differs: the flags of
 * its memory import.
 */
async function memoryFlagsOffset(entry, binary, ...more) {
  const shared = await compile(entry, ...more, '--enable', 'threads', '--sharedMemory');
  const differing = [...binary.keys()].filter((i) => binary[i] !== shared[i]);
  if (
    shared.length !== binary.length ||
    differing.length !== 1 ||
    shared[differing[0]] !== SHARED
  ) {
    throw new Error(
      `the module for shared memory must differ in its memory flags only, ` +
        `got ${differing.length} different bytes`,
    );
  }
  return differing[0];
}

/** The flags of a memory that has a maximum and is shared. */
const SHARED = 3;

async function binaryModule(entry) {
  const modules = { simd: await compile(entry), relaxedSimd: await compile(entry, ...relaxed) };
  const flags = {
    simd: await memoryFlagsOffset(entry, modules.simd),
    relaxedSimd: await memoryFlagsOffset(entry, modules.relaxedSimd, ...relaxed),
  };
  return `/** The kernels of src/engines/wasm/assembly in base64. Written by build/assembly.mjs. */
export const simd =
  '${modules.simd.toString('base64')}';
export const relaxedSimd =
  '${modules.relaxedSimd.toString('base64')}';
/** The offset of each module's memory flags: 3 makes it take a shared memory. */
export const memoryFlags = { simd: ${flags.simd}, relaxedSimd: ${flags.relaxedSimd} };
`;
}

/** Returns the text of the two generated files by URL. */
export async function assemble() {
  return new Map([
    [
      new URL('../src/kernels/wasm/trainingBinary.ts', import.meta.url),
      await binaryModule('training.ts'),
    ],
    [
      new URL('../src/kernels/wasm/inferenceBinary.ts', import.meta.url),
      await binaryModule('inference.ts'),
    ],
  ]);
}

/** Compiles the kernels and writes the generated files that have changed. */
export async function writeAssembly() {
  for (const [file, text] of await assemble()) {
    if ((await readFile(file, 'utf8').catch(() => '')) !== text) await writeFile(file, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAssembly();
