/** Runs exported files of small networks in other libraries. */
import { setBackend, softmax, tensor, tidy } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as ort from 'onnxruntime-web';
import { sequentialFromJSON } from '../../src/layers/fromJSON';
import { sizeOf } from '../../src/layers/layer';
import type { Sequential } from '../../src/layers/sequential';
import { encode, type StoredType } from '../../src/weights/format/quantize';
import { exportModel, type ExportOptions } from '../../src/weights/export/exportModel';
import { joined } from '../../src/weights/export/protobuf';
import { writeSet, type ManifestFacts, type WrittenSet } from '../../src/weights/save/write';
import { formula } from './formula';
import { pickedFiles, readAll } from './tinySet';

/** Outputs for two images, a row each. */
export interface Answers {
  logits: number[];
  probabilities: number[];
}

/** Returns weights of a network from the formula, large enough that every layer matters. */
export function setOf(
  net: Sequential,
  as: StoredType = 'float32',
  more: Partial<ManifestFacts> = {},
): Promise<WrittenSet> {
  const [side] = net.inputShape!;
  const tensors = Object.entries(net.params()).flatMap(([name, { shape }]) => {
    const fan = shape.length < 2 ? 12 : sizeOf(shape.slice(0, -1));
    return encode(name, shape, formula(`export.${name}`, sizeOf(shape), Math.sqrt(6 / fan)), as);
  });
  const classes = Array.from({ length: net.outputShape()[0]! }, (_, i) => ({
    label: `thing ${i}`,
    id: `n0000000${i}`,
  }));
  const facts: ManifestFacts = {
    name: 'exported',
    variant: 'small',
    network: net.toJSON(),
    labels: classes,
    preprocessing: {
      resize: side! + 4,
      crop: side!,
      inputSize: side!,
      mean: [124, 116, 104],
      std: [58, 57, 57.5],
    },
    accuracy: { top1: 0.5, top5: 0.75, images: 4, on: 'four pictures', command: 'none' },
    ...more,
  };
  return writeSet(facts, tensors, { compress: false });
}

/** Returns the exported files by name. */
export async function filesFrom(
  set: WrittenSet,
  options: ExportOptions,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array[]>();
  await exportModel(
    pickedFiles(set),
    (path, bytes) => void files.set(path, [...(files.get(path) ?? []), bytes.slice()]),
    options,
  );
  return new Map(
    [...files].map(([path, parts]) => [path, joined(...parts) as Uint8Array<ArrayBuffer>]),
  );
}

/** Returns two images with values of 0 to 255, `[2, side, side, 3]`. */
export const picturesFor = ({ manifest }: WrittenSet): Float32Array => {
  const side = manifest.preprocessing.inputSize;
  return formula('export.pictures', 2 * side * side * 3, 127.5).map((value) => value + 127.5);
};

/** Returns pixels minus the mean, divided by the standard deviation. */
export const prepared = ({ manifest }: WrittenSet, pixels: Float32Array): Float32Array => {
  const { mean, std = [1, 1, 1] } = manifest.preprocessing;
  return pixels.map((value, i) => (value - mean[i % 3]!) / std[i % 3]!);
};

/** Returns the outputs of this library, layer by layer. */
export async function ourAnswers(set: WrittenSet): Promise<Answers> {
  await setBackend('cpu');
  const numbers = await readAll(pickedFiles(set));
  const net = sequentialFromJSON(set.manifest.network);
  return tidy(() => {
    const params = Object.fromEntries(
      Object.entries(net.params()).map(([name, { shape }]) => [
        name,
        tensor(numbers[name]!, [...shape]),
      ]),
    );
    const x = tensor(prepared(set, picturesFor(set)), [2, ...net.inputShape!]);
    const last = net.names.at(-1)!;
    const ends = net.layers[last]!.type === 'softmax';
    const logits = net.apply(x, params, ends ? { upTo: net.names.at(-2)! } : {});
    return { logits: [...logits.dataSync()], probabilities: [...softmax(logits).dataSync()] };
  });
}

/** Returns the outputs of ONNX Runtime for images `[2, side, side, 3]`. */
export async function onnxAnswers(file: Uint8Array, pictures: Float32Array): Promise<Answers> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file);
  const side = Math.sqrt(pictures.length / 6);
  const planes = new Float32Array(pictures.length);
  for (let i = 0; i < pictures.length; i++) {
    const [picture, place, channel] = [
      Math.floor(i / (side * side * 3)),
      Math.floor(i / 3) % (side * side),
      i % 3,
    ];
    planes[(picture * 3 + channel) * side * side + place] = pictures[i]!;
  }
  const { logits, probabilities } = await session.run({
    input: new ort.Tensor('float32', planes, [2, 3, side, side]),
  });
  await session.release();
  return {
    logits: [...(logits!.data as Float32Array)],
    probabilities: [...(probabilities!.data as Float32Array)],
  };
}

/** Returns the outputs of TensorFlow.js for the exported folder. */
export async function graphAnswers(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  pictures: Float32Array,
): Promise<Answers> {
  await setBackend('cpu');
  const fetchFunc = async (url: string) => new Response(files.get(String(url).split('/').at(-1)!));
  const model = await loadGraphModel('https://sets.test/model.json', {
    fetchFunc: fetchFunc as typeof fetch,
  });
  const side = Math.sqrt(pictures.length / 6);
  if (String(model.inputs[0]!.shape) !== String([-1, side, side, 3]))
    throw new Error(`it takes ${String(model.inputs[0]!.shape)}`);
  const { logits, probabilities } = tidy(() => {
    const [scores, shares] = model.execute(tensor(pictures, [2, side, side, 3]), [
      'logits',
      'probabilities',
    ]) as [ReturnType<typeof tensor>, ReturnType<typeof tensor>];
    return { logits: [...scores.dataSync()], probabilities: [...shares.dataSync()] };
  });
  model.dispose();
  return { logits, probabilities };
}
