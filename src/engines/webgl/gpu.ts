/**
 * Gpu: the engine's interface to WebGL 2: activations in textures of four layers, which one draw
 * writes, and asynchronous reads.
 */
import { engine, env } from '@tensorflow/tfjs-core';
import { ContextLost, isLost } from '../../backends/contextLoss';
import { BackendError } from '../../errors';
import { Program, type Sampler } from './program';
import { countTextures } from './textureMemory';

/** Layers that one draw writes: every WebGL 2 supports four. */
export const LAYERS = 4;

export interface Texture {
  texture: WebGLTexture;
  target: number;
}

/** A texture of four layers, with four floats per texel, that programs read and write. */
export interface ActivationTexture extends Texture {
  framebuffer: WebGLFramebuffer;
  width: number;
  height: number;
}

/** What a program reads and writes in one draw. */
export interface DrawCall {
  /** For the program's samplers, in their order. */
  inputs: readonly Texture[];
  output: ActivationTexture;
  /** The number of columns to draw, from the left. */
  width: number;
  /** @default false */
  fuseRelu?: boolean;
}

/** Interval at which the GPU is polled, in ms. */
const POLL = 1;

export class Gpu {
  /** The largest side of a texture, in texels. */
  readonly maxTextureSize: number;
  readonly #deletions: (() => void)[] = [];
  /** Programs that `compiled` has not waited for. */
  readonly #programs: Program[] = [];
  /** Programs that are compiled but have not drawn. */
  #undrawn: Program[] = [];
  /** Size of all textures. */
  #bytes = 0;

  private constructor(
    readonly gl: WebGL2RenderingContext,
    readonly tfBackend: string,
    /**
     * Whether it can draw to half floats only: then activations are rounded, and float constants
     * cannot be read back.
     */
    readonly halfFloats: boolean,
  ) {
    this.maxTextureSize = env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  }

  /** Opens the context of a backend; undefined if it is WebGL 1 or cannot draw to floats. */
  static open(tfBackend: string): Gpu | undefined {
    const { gl } = (
      engine().registry[tfBackend] as unknown as { gpgpu: { gl: WebGL2RenderingContext } }
    ).gpgpu;
    if (!('drawBuffers' in gl)) return undefined;
    const gpu = new Gpu(gl, tfBackend, !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'));
    const { framebuffer } = gpu.activations(1, 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE) return gpu;
    gpu.dispose();
    return undefined;
  }

  /** Deletes all textures and programs. */
  dispose(): void {
    this.#deletions.splice(0).forEach((remove) => remove());
    this.#count(-this.#bytes);
  }

  /** Allocates a texture for activations. */
  activations(width: number, height: number): ActivationTexture {
    const { gl, halfFloats } = this;
    const target = gl.TEXTURE_2D_ARRAY;
    const texture = this.#texture(target);
    gl.texStorage3D(target, 1, halfFloats ? gl.RGBA16F : gl.RGBA32F, width, height, LAYERS);
    this.#count((halfFloats ? 8 : 16) * width * height * LAYERS);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    for (let layer = 0; layer < LAYERS; layer++) {
      gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + layer, texture, 0, layer);
    }
    this.#deletions.push(() => gl.deleteFramebuffer(framebuffer));
    return { texture, target, framebuffer, width, height };
  }

  /**
   * Uploads a texture that programs only read: floats, or bytes that they read as integers. Four
   * per texel.
   */
  constants(width: number, height: number, values: Float32Array | Uint8Array): Texture {
    const { gl } = this;
    const target = gl.TEXTURE_2D;
    const texture = this.#texture(target);
    const [internalFormat, format, type] =
      values instanceof Uint8Array
        ? [gl.RGBA8UI, gl.RGBA_INTEGER, gl.UNSIGNED_BYTE]
        : [gl.RGBA32F, gl.RGBA, gl.FLOAT];
    gl.texStorage2D(target, 1, internalFormat, width, height);
    gl.texSubImage2D(target, 0, 0, 0, width, height, format, type, values);
    this.#count(values.byteLength);
    if (gl.getError() === gl.OUT_OF_MEMORY) {
      const megabytes = Math.round(this.#bytes / 1e6);
      throw new BackendError(
        `load: GPU memory is full: this network needs at least ${megabytes} MB. ` +
          "Load with backend: 'wasm'.",
      );
    }
    return { texture, target };
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    countTextures(this.tfBackend, bytes);
  }

  #texture(target: number): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(target, texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(target, name, gl.NEAREST);
    this.#deletions.push(() => gl.deleteTexture(texture));
    return texture;
  }

  /** Writes all layers of the left `width` columns. */
  upload(
    { texture, target, height }: ActivationTexture,
    width: number,
    values: Float32Array,
  ): void {
    const { gl } = this;
    gl.bindTexture(target, texture);
    gl.texSubImage3D(target, 0, 0, 0, 0, width, height, LAYERS, gl.RGBA, gl.FLOAT, values);
  }

  /** Starts compiling a program: see the constructor of `Program`. */
  program(samplers: Readonly<Record<string, Sampler>>, outputs: number, main: string): Program {
    const program = new Program(this.gl, samplers, outputs, main);
    this.#programs.push(program);
    this.#deletions.push(() => program.delete());
    return program;
  }

  /**
   * Waits until the browser has compiled all programs. Returns whether the driver could compile
   * them.
   */
  async compiled(): Promise<boolean> {
    const programs = this.#programs.splice(0);
    for (const program of programs)
      while (!program.done) await new Promise((resume) => setTimeout(resume, POLL));
    this.#undrawn = programs;
    return programs.every(({ works }) => works);
  }

  /**
   * Draws one pixel with each compiled program: many drivers only then create the GPU's program.
   */
  prime(): void {
    const output = this.activations(1, 1);
    const empty: Record<Sampler, Texture> = {
      sampler2DArray: this.activations(1, 1),
      sampler2D: this.constants(1, 1, new Float32Array(4)),
      usampler2D: this.constants(1, 1, new Uint8Array(4)),
    };
    const programs = this.#undrawn.splice(0);
    for (const program of programs) program.use(false); // the GPU process is idle: no wait
    for (const program of programs)
      this.draw(program, {
        inputs: Object.values(program.samplers).map((type) => empty[type]),
        output,
        width: 1,
      });
    this.gl.flush();
  }

  draw(program: Program, { inputs, output, width, fuseRelu = false }: DrawCall): void {
    const { gl } = this;
    program.use(fuseRelu);
    gl.bindFramebuffer(gl.FRAMEBUFFER, output.framebuffer);
    gl.drawBuffers(
      Array.from({ length: LAYERS }, (_, i) =>
        i < program.outputs ? gl.COLOR_ATTACHMENT0 + i : gl.NONE,
      ),
    );
    gl.viewport(0, 0, width, output.height);
    gl.scissor(0, 0, width, output.height); // TensorFlow.js enables the scissor test
    inputs.forEach(({ target, texture }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(target, texture);
    });
    gl.bindVertexArray(null); // the vertex shader has no attributes
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Reads the left `width` columns of the first layers. Later draws do not change the result. */
  async read(
    { framebuffer, height }: ActivationTexture,
    width: number,
    layers: number,
  ): Promise<Float32Array[]> {
    const { gl, tfBackend } = this;
    const buffer = gl.createBuffer();
    const bytes = 16 * width * height;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, layers * bytes, gl.STREAM_READ);
    for (let layer = 0; layer < layers; layer++) {
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, layer * bytes);
    }
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
    gl.flush();
    try {
      while (!isLost(tfBackend) && gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
        await new Promise((resume) => setTimeout(resume, POLL));
      }
      const values = Array.from({ length: layers }, () => new Float32Array(bytes / 4));
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      values.forEach((part, layer) =>
        gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, layer * bytes, part),
      );
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      if (isLost(tfBackend)) throw new ContextLost();
      return values;
    } finally {
      gl.deleteSync(fence);
      gl.deleteBuffer(buffer);
    }
  }

  /** Reads what was passed to `constants` into `values`. Blocks until the GPU is done. */
  readBack<Values extends Float32Array | Uint8Array>(
    { texture }: Texture,
    width: number,
    height: number,
    values: Values,
  ): Values {
    const { gl } = this;
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const [format, type] =
      values instanceof Uint8Array ? [gl.RGBA_INTEGER, gl.UNSIGNED_BYTE] : [gl.RGBA, gl.FLOAT];
    gl.readPixels(0, 0, width, height, format, type, values);
    gl.deleteFramebuffer(framebuffer);
    if (isLost(this.tfBackend)) throw new ContextLost();
    return values;
  }
}
