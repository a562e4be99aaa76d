/** WebGLEngine: a whole network as programs of our own in the context of a WebGL backend, with weights on the GPU as they are stored. */
import { ContextLost, isLost } from '../../backends/contextLoss';
import { selfTestNetwork } from '../tfjs/selfTest';
import { sentenceOf } from '../../errors';
import { sizeOf, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Output, StandaloneEngine, WarmUpOptions } from '../engine';
import { softmaxRows } from '../forward';
import type { StoredTensor } from '../../weights/format/storedTensor';
import type { CheckedManifest } from '../../weights/format/manifest';
import { Gpu, LAYERS, type Field } from './gpu';
import { columns, extent, packed, unpacked } from './layout';
import { testPrograms } from './selfTest';
import { stepOf, type Step } from './ops';

type WeightGroups = CheckedManifest['weightsManifest'];

interface Stage {
  name: string;
  step: Step | 'none';
  isRelu: boolean;
  outputShape: Shape;
}

/** What came of testing the programs in a context. */
const tests = new WeakMap<WebGL2RenderingContext, Promise<boolean>>();

const UNCOMPILED = 'the driver cannot compile them.';

/** Pictures that go through the network together. */
const TOGETHER = LAYERS;

export class WebGLEngine implements StandaloneEngine {
  readonly threads = 1;
  /** Fields that nothing is in, by their sides. */
  readonly #free = new Map<string, Field[]>();

  private constructor(
    readonly net: Sequential,
    private readonly gpu: Gpu,
    private readonly inputShape: Shape,
    private readonly stages: readonly Stage[],
  ) {}

  /**
   * Undefined where the backend has no WebGL 2 that draws to floats, or the network a layer without a program, or one that is too large, or
   * where a driver cannot compile the programs, or they compute wrongly. `setWeights` has to follow for each layer that learns.
   */
  static async open(
    net: Sequential,
    tfBackend: string,
    stored?: WeightGroups,
  ): Promise<WebGLEngine | undefined> {
    const engine = WebGLEngine.#made(net, tfBackend, stored);
    if (!engine) return undefined;
    const { gl } = engine.gpu;
    let test = tests.get(gl);
    if (!test) tests.set(gl, (test = WebGLEngine.#passes(tfBackend)));
    const compiled = await engine.gpu.compiled();
    if (compiled && (await test)) {
      engine.gpu.prime();
      return engine;
    }
    if (!compiled) tell(tfBackend, UNCOMPILED);
    engine.dispose();
    return undefined;
  }

  /** Whether the programs compute rightly there. */
  static async #passes(tfBackend: string): Promise<boolean> {
    const engine = WebGLEngine.#made(selfTestNetwork, tfBackend);
    try {
      if (!(await engine?.gpu.compiled())) throw new Error(UNCOMPILED);
      await testPrograms(engine!, tfBackend);
      return true;
    } catch (error) {
      tell(tfBackend, sentenceOf(error));
      return false;
    } finally {
      engine?.dispose();
    }
  }

  /** What `open` opens, untested. */
  static #made(net: Sequential, tfBackend: string, stored?: WeightGroups): WebGLEngine | undefined {
    const { inputShape } = net;
    const gpu = inputShape && Gpu.open(tfBackend);
    if (!gpu) return undefined;
    const stages = stagesOf(net, inputShape, gpu, stored);
    if (stages) return new WebGLEngine(net, gpu, inputShape, stages);
    gpu.dispose();
    return undefined;
  }

  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array> {
    const { step } = this.stages.find(({ name }) => name === layer)!;
    return (step as Step).set!(params);
  }

  dispose(): void {
    this.#free.clear();
    this.gpu.dispose();
  }

  async run(inputs: Float32Array, count: number, upTo: string): Promise<Output> {
    const end = this.stages.findIndex(({ name }) => name === upTo) + 1;
    const { outputShape } = this.stages[end - 1]!;
    const [size, length] = [sizeOf(this.inputShape), sizeOf(outputShape)];
    const data = new Float32Array(count * length);
    const parts = Array.from({ length: Math.ceil(count / TOGETHER) }, async (_, i) => {
      const [first, n] = [i * TOGETHER, Math.min(TOGETHER, count - i * TOGETHER)];
      data.set(
        await this.#few(inputs.subarray(first * size, (first + n) * size), n, end),
        first * length,
      );
    });
    await Promise.all(parts);
    return { shape: [count, ...outputShape], data };
  }

  async probabilities(inputs: Float32Array, count: number): Promise<Output> {
    return softmaxRows(await this.run(inputs, count, this.stages.at(-1)!.name));
  }

  async warmUp({ upTo, onLayers, signal }: WarmUpOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await this.run(new Float32Array(sizeOf(this.inputShape)), 1, upTo ?? this.stages.at(-1)!.name);
    onLayers?.(this.net.names.length);
  }

  /** All that is drawn is drawn before anything is waited for, so that calls at once can share fields. */
  async #few(inputs: Float32Array, n: number, end: number): Promise<Float32Array> {
    const { gpu, stages, inputShape } = this;
    if (isLost(gpu.tfBackend)) throw new ContextLost();
    let shape = inputShape;
    let x = this.#take(shape, n);
    gpu.upload(x, columns(shape, n), packed(inputs, shape, n));
    for (let i = 0; i < end; i++) {
      const { step, isRelu } = stages[i]!;
      if (step === 'none') continue;
      const rectify = !isRelu && i + 1 < end && stages[i + 1]!.isRelu;
      const y = this.#take(step.output, n);
      step.run(x, y, n, rectify);
      this.#give(x);
      [x, shape] = [y, step.output];
      if (rectify) i++;
    }
    const reading = gpu.read(x, columns(shape, n), shape.length === 1 ? n : LAYERS);
    this.#give(x);
    return unpacked(await reading, shape, n);
  }

  /** A field for `n` inputs of a shape: there are those for one, and for as many as go together. */
  #take(shape: Shape, n: number): Field {
    const [width, height] = [columns(shape, n === 1 ? 1 : TOGETHER), extent(shape)[1]];
    return this.#free.get(`${width} ${height}`)?.pop() ?? this.gpu.field(width, height);
  }

  #give(field: Field): void {
    const key = `${field.width} ${field.height}`;
    this.#free.set(key, [...(this.#free.get(key) ?? []), field]);
  }
}

/** Why TensorFlow.js' operations are used instead; a context that is lost is none of the driver's faults. */
function tell(tfBackend: string, reason: string): void {
  if (isLost(tfBackend)) return;
  console.warn(
    `alexnet-ts: on WebGL TensorFlow.js' operations are used, since programs of our own fail here: ${reason}`,
  );
}

function stagesOf(
  net: Sequential,
  inputShape: Shape,
  gpu: Gpu,
  stored: WeightGroups = [],
): Stage[] | undefined {
  const entries = stored.flatMap(({ weights }) => weights);
  const storing = (name: string) => {
    const entry = entries.find((one) => one.name === `${name}/kernel`);
    return entry && (entry.quantization?.dtype === 'uint8' ? 'codes' : 'floats');
  };
  const shapes = net.shapes();
  const stages: Stage[] = [];
  let shape = inputShape;
  const fits = (of: Shape) => columns(of, TOGETHER) <= gpu.largest && extent(of)[1] <= gpu.largest;
  if (!fits(shape)) return undefined;
  for (const [i, name] of net.names.entries()) {
    const layer = net.layers[name]!;
    if (layer.type === 'softmax' && i === net.names.length - 1) break; // whoever asks for scores does it
    const outputShape = shapes[name]!;
    const step = fits(outputShape)
      ? stepOf(layer.toJSON(), shape, outputShape, { gpu, storing: storing(name) })
      : undefined;
    if (!step) return undefined;
    stages.push({ name, step, isRelu: layer.type === 'relu', outputShape });
    shape = outputShape;
  }
  return stages;
}
