/** Gpu: WebGL 2 as inference uses it: textures of four layers that one draw writes together, and reads that nothing waits for. */
import { engine, env } from '@tensorflow/tfjs-core';
import { ContextLost, isLost } from '../../backends/contextLoss';
import { BackendError } from '../../errors';
import { Program, type Sampler } from './program';
import { countTextures } from './textureMemory';

/** Layers that one draw writes: what every WebGL 2 can. */
export const LAYERS = 4;

export interface Texture {
  texture: WebGLTexture;
  target: number;
}

/** A texture of four layers that can be drawn to, four floats a texel. */
export interface Field extends Texture {
  framebuffer: WebGLFramebuffer;
  width: number;
  height: number;
}

/** Milliseconds between two looks at whether the GPU is done. */
const POLL = 1;

export class Gpu {
  /** Sides of a texture at most, in texels. */
  readonly largest: number;
  readonly #deletions: (() => void)[] = [];
  /** Those that nobody has waited for. */
  readonly #programs: Program[] = [];
  /** Those that were compiled and not drawn yet. */
  #undrawn: Program[] = [];
  /** Of all textures. */
  #bytes = 0;

  private constructor(
    readonly gl: WebGL2RenderingContext,
    readonly tfBackend: string,
    /** Whether it draws to half floats only: what is drawn is rounded, and floats that are only read cannot be had again. */
    readonly half: boolean,
  ) {
    this.largest = env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  }

  /** On the context of a backend; undefined where that is WebGL 1, or cannot draw to floats. */
  static open(tfBackend: string): Gpu | undefined {
    const { gl } = (
      engine().registry[tfBackend] as unknown as { gpgpu: { gl: WebGL2RenderingContext } }
    ).gpgpu;
    if (!('drawBuffers' in gl)) return undefined;
    const gpu = new Gpu(gl, tfBackend, !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'));
    const { framebuffer } = gpu.field(1, 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE) return gpu;
    gpu.dispose();
    return undefined;
  }

  /** Deletes all that was made here. */
  dispose(): void {
    this.#deletions.splice(0).forEach((remove) => remove());
    this.#count(-this.#bytes);
  }

  field(width: number, height: number): Field {
    const { gl, half } = this;
    const target = gl.TEXTURE_2D_ARRAY;
    const texture = this.#texture(target);
    gl.texStorage3D(target, 1, half ? gl.RGBA16F : gl.RGBA32F, width, height, LAYERS);
    this.#count((half ? 8 : 16) * width * height * LAYERS);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    for (let layer = 0; layer < LAYERS; layer++) {
      gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + layer, texture, 0, layer);
    }
    this.#deletions.push(() => gl.deleteFramebuffer(framebuffer));
    return { texture, target, framebuffer, width, height };
  }

  /** What is only read: floats, or bytes that programs see as whole numbers. Four a texel. */
  constants(width: number, height: number, values: Float32Array | Uint8Array): Texture {
    const { gl } = this;
    const target = gl.TEXTURE_2D;
    const texture = this.#texture(target);
    const [stored, format, type] =
      values instanceof Uint8Array
        ? [gl.RGBA8UI, gl.RGBA_INTEGER, gl.UNSIGNED_BYTE]
        : [gl.RGBA32F, gl.RGBA, gl.FLOAT];
    gl.texStorage2D(target, 1, stored, width, height);
    gl.texSubImage2D(target, 0, 0, 0, width, height, format, type, values);
    this.#count(values.byteLength);
    if (gl.getError() === gl.OUT_OF_MEMORY) {
      const megabytes = Math.round(this.#bytes / 1e6);
      throw new BackendError(
        `load: the GPU has no room for this network, which takes ${megabytes} MB so far. Load with backend: 'wasm'.`,
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

  /** All layers of the left `width` columns. */
  upload({ texture, target, height }: Field, width: number, values: Float32Array): void {
    const { gl } = this;
    gl.bindTexture(target, texture);
    gl.texSubImage3D(target, 0, 0, 0, 0, width, height, LAYERS, gl.RGBA, gl.FLOAT, values);
  }

  /** See Program. */
  program(samplers: Readonly<Record<string, Sampler>>, outputs: number, main: string): Program {
    const made = new Program(this.gl, samplers, outputs, main);
    this.#programs.push(made);
    this.#deletions.push(() => made.delete());
    return made;
  }

  /** Waits until the browser has compiled all programs so far. Answers whether the driver could. */
  async compiled(): Promise<boolean> {
    const programs = this.#programs.splice(0);
    for (const program of programs)
      while (!program.done) await new Promise((resume) => setTimeout(resume, POLL));
    this.#undrawn = programs;
    return programs.every(({ works }) => works);
  }

  /** Draws one pixel by each program that was compiled: many a driver makes the GPU's own program only then. Waits for nothing. */
  prime(): void {
    const output = this.field(1, 1);
    const empty: Record<Sampler, Texture> = {
      sampler2DArray: this.field(1, 1),
      sampler2D: this.constants(1, 1, new Float32Array(4)),
      usampler2D: this.constants(1, 1, new Uint8Array(4)),
    };
    const programs = this.#undrawn.splice(0);
    for (const program of programs) program.use(false); // which asks the GPU's process: before it has something to do
    for (const program of programs)
      this.draw(
        program,
        Object.values(program.samplers).map((type) => empty[type]),
        output,
        1,
      );
    this.gl.flush();
  }

  /** Draws the left `width` columns of `output`; the inputs go to the program's samplers, in their order. */
  draw(
    program: Program,
    inputs: readonly Texture[],
    output: Field,
    width: number,
    rectify = false,
  ): void {
    const { gl } = this;
    program.use(rectify);
    gl.bindFramebuffer(gl.FRAMEBUFFER, output.framebuffer);
    gl.drawBuffers(
      Array.from({ length: LAYERS }, (_, i) =>
        i < program.outputs ? gl.COLOR_ATTACHMENT0 + i : gl.NONE,
      ),
    );
    gl.viewport(0, 0, width, output.height);
    gl.scissor(0, 0, width, output.height); // TensorFlow.js has its test on
    inputs.forEach(({ target, texture }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(target, texture);
    });
    gl.bindVertexArray(null); // no attributes
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** The left `width` columns of the first layers, each by itself. What is drawn later changes nothing in it. */
  async read(
    { framebuffer, height }: Field,
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

  /** Puts into `values` what was handed to `constants`. Waits for the GPU. */
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
