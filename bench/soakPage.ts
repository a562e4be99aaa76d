/** The page of bench/soak.mjs: runs tasks a few rounds at a time, and reports what it holds. */
import { engine, type KernelBackend } from '@tensorflow/tfjs-core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { load } from '../src/api';
import { BACKENDS } from '../src/backends/backends';
import { conv2d, dense, dropout, flatten, lrn, maxPool, relu, sequential } from '../src/layers';
import { initialize } from '../src/layers/init';
import type { Model } from '../src/model/model';
import { encode } from '../src/weights/format/quantize';
import { writeSet } from '../src/weights/save/write';

/** A small network with every layer type of AlexNet. */
const small = sequential(
  {
    conv1: conv2d({ filters: 8, size: 5, stride: 2 }),
    relu1: relu(),
    norm1: lrn(),
    pool1: maxPool(),
    conv2: conv2d({ filters: 8, size: 3, pad: 1, groups: 2 }),
    relu2: relu(),
    flatten: flatten(),
    fc3: dense({ units: 16 }),
    relu3: relu(),
    drop3: dropout(),
    fc4: dense({ units: 5 }),
  },
  { inputShape: [32, 32, 3] },
);

/** Returns its weights as files. */
async function smallSet(): Promise<File[]> {
  const specs = small.params();
  const tensors = Array.from(initialize(specs, 1), ([name, values]) =>
    encode(name, [...specs[name]!.shape], values, 'float32'),
  );
  const { manifest, shards } = await writeSet(
    {
      name: 'small',
      variant: 'small',
      network: small.toJSON(),
      labels: ['ant', 'bee', 'cat', 'dog', 'elk'].map((label) => ({ label, id: label })),
      preprocessing: { resize: 32, crop: 32, inputSize: 32, mean: [0, 0, 0] },
    },
    tensors.flat(),
  );
  const files = [...shards].map(
    ([path, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], path),
  );
  return [new File([JSON.stringify(manifest)], 'model.json'), ...files];
}

/** Returns a different picture for each number. */
function picture(number: number): ImageData {
  const image = new ImageData(48, 40);
  for (let i = 0; i < image.data.length; i++)
    image.data[i] = i % 4 === 3 ? 255 : (i * 7 + number * 31 + ((i * number) % 13)) % 256;
  return image;
}

const options = (network: string, backend: 'wasm' | 'webgl', set: File[]) => ({
  weights:
    network === 'whole' ? new URL('/weights/imagenet-293/model.json', location.href).href : set,
  backend,
  wasmPaths: new URL('/node_modules/@tensorflow/tfjs-backend-wasm/dist/', location.href).href,
});

async function loadTuneDispose(given: ReturnType<typeof options>): Promise<void> {
  const base = await load(given);
  const tuned = await base.fineTune(
    { light: [picture(1), picture(2)], dark: [picture(3), picture(4)] },
    { epochs: 1, seed: 1 },
  );
  base.dispose();
  const [best] = await tuned.classify(picture(5));
  tuned.dispose();
  if (!(best!.probability >= 0.5))
    throw new Error(`the better of two classes has ${best!.probability}`);
}

let model: Model | undefined;
let once: () => Promise<unknown>;
let rounds = 0;

export const soak = {
  /** Starts a task: `'classify'` with one model, or `'rounds'` of load, fineTune and dispose. */
  async open({
    what,
    network,
    backend,
  }: {
    what: 'classify' | 'rounds';
    network: string;
    backend: 'wasm' | 'webgl';
  }): Promise<void> {
    const given = options(network, backend, await smallSet());
    rounds = 0;
    if (what === 'rounds') once = () => loadTuneDispose(given);
    else {
      const own = (model = await load(given));
      once = () => own.classify(picture(rounds % 100));
    }
  },

  async run(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await once();
      rounds++;
    }
  },

  close(): void {
    model?.dispose();
    model = undefined;
  },

  /** Returns what TensorFlow.js holds. */
  held() {
    const { numTensors, numBytes } = engine().state; // tf.memory() asks for an active backend
    const known = (name: string) =>
      (engine().registry[name] as KernelBackend | undefined)?.numDataIds() ?? 0;
    const webgl = engine().registry[BACKENDS.webgl.tfBackend] as MathBackendWebGL | undefined;
    return {
      tensors: numTensors,
      'tensor bytes': numBytes,
      'known to WASM': known('wasm'),
      'known to WebGL': known(BACKENDS.webgl.tfBackend),
      'textures in use': webgl?.getTextureManager().getNumUsedTextures() ?? 0,
      'texture bytes': webgl?.memory().numBytesInGPU ?? 0,
      'texture bytes allocated': webgl?.memory().numBytesInGPUAllocated ?? 0,
    };
  },
};

Object.assign(globalThis, { soak });
