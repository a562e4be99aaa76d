/**
 * WebGLEngine: computes a whole network with shader programs in the context of TensorFlow.js' WebGL
 * backend. The weights stay on the GPU as they are stored.
 */
import { ContextLost, isLost } from '../../backends/contextLoss';
import { messageSentence } from '../../errors';
import { sizeOf, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { CheckedManifest } from '../../weights/format/manifest';
import type { StoredTensor } from '../../weights/format/storedTensor';
import type { Output, StandaloneEngine, WarmUpOptions } from '../engine';
import { softmaxRows } from '../forward';
import { compileStages, fusesRelu, type Stage } from '../opTable';
import { selfTestNetwork, testEngine } from '../selfTest';
import { Gpu, LAYERS, type ActivationTexture } from './gpu';
import { columns, extent, packed, unpacked } from './layout';
import { ops, type WebGLCompileContext, type WebGLLayer } from './ops';

type WeightGroups = CheckedManifest['weightsManifest'];

/** The result of the self-test by context. */
const selfTests = new WeakMap<WebGL2RenderingContext, Promise<boolean>>();

const UNCOMPILED = 'the driver cannot compile them.';

/** Images that go through the network together. */
const BATCH = LAYERS;

export class WebGLEngine implements StandaloneEngine {
  readonly threads = 1;
  readonly precision = 'float32';
  /** Unused textures by their size. */
  readonly #free = new Map<string, ActivationTexture[]>();

  private constructor(
    readonly net: Sequential,
    private readonly gpu: Gpu,
    private readonly inputShape: Shape,
    private readonly stages: readonly Stage<WebGLLayer>[],
  ) {}

  /**
   * Compiles a network; `setWeights` must follow for each layer with weights. Returns undefined if
   * the backend has no WebGL 2 that draws to floats, if a layer has no program or is too large, or
   * if the driver cannot compile the programs or computes wrong results.
   *
   * @param stored how the weights are stored, if known
   */
  static async open(
    net: Sequential,
    tfBackend: string,
    stored?: WeightGroups,
  ): Promise<WebGLEngine | undefined> {
    const engine = WebGLEngine.#compile(net, tfBackend, stored);
    if (!engine) return undefined;
    const { gl } = engine.gpu;
    let test = selfTests.get(gl);
    if (!test) selfTests.set(gl, (test = WebGLEngine.#passesSelfTest(tfBackend)));
    const compiled = await engine.gpu.compiled();
    if (compiled && (await test)) {
      engine.gpu.prime();
      return engine;
    }
    if (!compiled) warnUnused(tfBackend, UNCOMPILED);
    engine.dispose();
    return undefined;
  }

  static async #passesSelfTest(tfBackend: string): Promise<boolean> {
    const engine = WebGLEngine.#compile(selfTestNetwork, tfBackend);
    try {
      if (!(await engine?.gpu.compiled())) throw new Error(UNCOMPILED);
      await testEngine(engine!, tfBackend);
      return true;
    } catch (error) {
      warnUnused(tfBackend, messageSentence(error));
      return false;
    } finally {
      engine?.dispose();
    }
  }

  /** Starts to compile a network, without the self-test. */
  static #compile(
    net: Sequential,
    tfBackend: string,
    stored?: WeightGroups,
  ): WebGLEngine | undefined {
    const { inputShape } = net;
    const gpu = inputShape && Gpu.open(tfBackend);
    if (!gpu) return undefined;
    const stages = compilePrograms(net, gpu, stored);
    if (stages) return new WebGLEngine(net, gpu, inputShape, stages);
    gpu.dispose();
    return undefined;
  }

  setWeights(
    layer: string,
    params: Record<string, StoredTensor>,
  ): Record<string, () => Float32Array> {
    return this.stages.find(({ name }) => name === layer)!.layer.setWeights!(params);
  }

  dispose(): void {
    this.#free.clear();
    this.gpu.dispose();
  }

  async run(inputs: Float32Array, count: number, upTo: string): Promise<Output> {
    const end = this.stages.findIndex(({ name }) => name === upTo) + 1;
    const { outputShape } = this.stages[end - 1]!;
    const [inputSize, outputSize] = [sizeOf(this.inputShape), sizeOf(outputShape)];
    const data = new Float32Array(count * outputSize);
    const batches = Array.from({ length: Math.ceil(count / BATCH) }, async (_, i) => {
      const [first, n] = [i * BATCH, Math.min(BATCH, count - i * BATCH)];
      const batch = inputs.subarray(first * inputSize, (first + n) * inputSize);
      data.set(await this.#runBatch(batch, n, end), first * outputSize);
    });
    await Promise.all(batches);
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

  /** Issues all draws before it waits, so that concurrent calls can share textures. */
  async #runBatch(inputs: Float32Array, n: number, end: number): Promise<Float32Array> {
    const { gpu, stages } = this;
    if (isLost(gpu.tfBackend)) throw new ContextLost();
    let shape = this.inputShape;
    let x = this.#takeTexture(shape, n);
    gpu.upload(x, columns(shape, n), packed(inputs, shape, n));
    for (let i = 0; i < end; i++) {
      const { layer, outputShape } = stages[i]!;
      if (layer.inPlace) continue; // an identity
      const fuseRelu = fusesRelu(stages, i, end);
      const y = this.#takeTexture(outputShape, n);
      layer.run(x, y, n, fuseRelu);
      this.#releaseTexture(x);
      [x, shape] = [y, outputShape];
      if (fuseRelu) i++;
    }
    const reading = gpu.read(x, columns(shape, n), shape.length === 1 ? n : LAYERS);
    this.#releaseTexture(x);
    return unpacked(await reading, shape, n);
  }

  /**
   * Returns a texture for `n` images of a shape. There are two sizes: for one image and for
   * `BATCH`.
   */
  #takeTexture(shape: Shape, n: number): ActivationTexture {
    const [width, height] = [columns(shape, n === 1 ? 1 : BATCH), extent(shape)[1]];
    return this.#free.get(`${width} ${height}`)?.pop() ?? this.gpu.activations(width, height);
  }

  #releaseTexture(texture: ActivationTexture): void {
    const key = `${texture.width} ${texture.height}`;
    this.#free.set(key, [...(this.#free.get(key) ?? []), texture]);
  }
}

/** Warns why TensorFlow.js' operations are used, unless the context is lost. */
function warnUnused(tfBackend: string, reason: string): void {
  if (isLost(tfBackend)) return;
  console.warn(
    `alexnet-ts: WebGL uses TensorFlow.js' operations, because alexnet-ts' shaders fail here: ` +
      reason,
  );
}

/** Compiles the layers; undefined if one of them has no program or does not fit a texture. */
function compilePrograms(
  net: Sequential,
  gpu: Gpu,
  stored: WeightGroups = [],
): Stage<WebGLLayer>[] | undefined {
  const entries = stored.flatMap(({ weights }) => weights);
  const kernelType = (layer: string): WebGLCompileContext['kernelType'] => {
    const entry = entries.find(({ name }) => name === `${layer}/kernel`);
    return entry && (/t[48]$/.test(`${entry.quantization?.dtype}`) ? 'quantized' : 'float');
  };
  const fits = (shape: Shape) =>
    Math.max(columns(shape, BATCH), extent(shape)[1]) <= gpu.maxTextureSize;
  if (![net.inputShape!, ...Object.values(net.shapes())].every(fits)) return undefined;
  return compileStages(ops, net, (layer) => ({ gpu, kernelType: kernelType(layer) }));
}
