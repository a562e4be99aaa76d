/** Whether memory stays flat: many classifications of the whole network on WASM in Node. `node bench/memory.mjs [count]`. */
import { engine } from '@tensorflow/tfjs-core';
import { alexnet } from 'alexnet-ts';

const count = Number(process.argv[2] ?? 1000);
const picture = new URL('../examples/images/orange.jpg', import.meta.url);
const model = await alexnet.load({ backend: 'wasm' });
const { wasm } = engine().registry.wasm;

const state = () => ({ tensors: engine().state.numTensors, heap: wasm.HEAPU8.length, rss: process.memoryUsage().rss });
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const print = (i, { tensors, heap, rss }) =>
  console.log(`${String(i).padStart(6)}: ${tensors} tensors, WASM heap ${megabytes(heap)}, process ${megabytes(rss)}`);

let tenth;
for (let i = 1; i <= count; i++) {
  await model.classify(picture);
  if (i === 10) tenth = state();
  if (i === 10 || i % 100 === 0) print(i, state());
}
const last = state();
const flat = last.tensors === tenth.tensors && last.heap === tenth.heap;
console.log(flat ? 'Flat: tensors and heap are as after the tenth.' : 'NOT flat.');
process.exitCode = flat ? 0 : 1;
