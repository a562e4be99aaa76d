/** accelerateWasm: our kernels on TensorFlow.js' WASM backend, and the gradient by the filters that it lacks. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine } from '@tensorflow/tfjs-core';
import { accelerate, type Acceleration } from '../overrides';
import type { Speed } from '../prepareTraining';
import { openAssembly } from './wasmKernels';
import { groupedConv2d } from './conv2d';
import { registerFilterGradient } from './conv2dBackpropFilter';
import { fullyConnected, updateDense, updateMomentum } from './dense';
import { Heap } from './heap';
import { localResponseNorm, maxPool2d, rectify } from './lrn';

interface Opened {
  speed: Speed;
  heap: Heap | undefined;
  acceleration: Acceleration | undefined;
}

/** By backend: an app may take its WASM backend down and open another, which has another memory. */
const opened = new WeakMap<BackendWasm, Promise<Opened>>();
const ready = new WeakMap<object, Opened>();

async function openHeap(backend: BackendWasm, wanted?: Speed): Promise<Opened> {
  const { speed, assembly } = await openAssembly(backend, wanted);
  if (!assembly) return { speed, heap: undefined, acceleration: undefined };
  const heap = new Heap(backend, assembly);
  const operations = {
    GroupedConv2d: groupedConv2d(heap),
    FullyConnected: fullyConnected(heap),
    LocalResponseNorm: localResponseNorm(heap),
    MaxPool2d: maxPool2d(heap),
    Relu: rectify(heap),
  };
  return {
    speed,
    heap,
    acceleration: {
      operations: operations as Acceleration['operations'],
      updates: { dense: updateDense(heap), momentum: updateMomentum(heap) },
    },
  };
}

const current = (): Opened | undefined => ready.get(engine().registry[engine().backendName]!);

/** @param wanted a variant to take, for tests and measurements: another than the one in use replaces it. */
export async function accelerateWasm(
  backend: BackendWasm,
  wanted?: Speed,
  tfBackend = 'wasm',
): Promise<Speed> {
  if (wanted !== undefined || !opened.has(backend)) opened.set(backend, openHeap(backend, wanted));
  const found = await opened.get(backend)!.catch((error: unknown) => {
    opened.delete(backend);
    throw error;
  });
  ready.set(backend, found);
  accelerate(tfBackend, () => current()?.acceleration);
  registerFilterGradient(tfBackend, (of) => ready.get(of)?.heap);
  return found.speed;
}
