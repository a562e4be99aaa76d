/** Gpu: WebGL 2 as inference uses it: textures of four layers that one draw writes together, and reads that nothing waits for. */
import { engine, env } from '@tensorflow/tfjs-core';
import { ContextLost, isLost } from '../../backends/contextLoss';
import { BackendError } from '../../errors';
import { countTextures } from './textureBytes';

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

export interface Program {
  program: WebGLProgram;
  shaders: readonly WebGLShader[];
  /** In the order of its inputs. */
  samplers: readonly string[];
  /** Layers that it writes. */
  outputs: number;
  /** Undefined until it is first used. */
  rectify?: WebGLUniformLocation | null;
}

/** One triangle over all of the viewport. */
const VERTICES = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp usampler2D;
uniform bool rectify;
`;

/** Milliseconds between two looks at whether the GPU is done. */
const POLL = 1;

export class Gpu {
  /** Sides of a texture at most, in texels. */
  readonly largest: number;
  readonly #deletions: (() => void)[] = [];
  readonly #compiling: Program[] = [];
  /** Of all textures. */
  #bytes = 0;

  private constructor(
    readonly gl: WebGL2RenderingContext,
    readonly engineName: string,
    /** Whether it draws to half floats only: what is drawn is rounded, and floats that are only read cannot be had again. */
    readonly half: boolean,
  ) {
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  }

  /** On the context of a backend; undefined where that is WebGL 1, or cannot draw to floats. */
  static open(engineName: string): Gpu | undefined {
    const { gl } = (engine().registry[engineName] as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu;
    if (!('drawBuffers' in gl)) return undefined;
    const gpu = new Gpu(gl, engineName, !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'));
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
      values instanceof Uint8Array ? [gl.RGBA8UI, gl.RGBA_INTEGER, gl.UNSIGNED_BYTE] : [gl.RGBA32F, gl.RGBA, gl.FLOAT];
    gl.texStorage2D(target, 1, stored, width, height);
    gl.texSubImage2D(target, 0, 0, 0, width, height, format, type, values);
    this.#count(values.byteLength);
    if (gl.getError() === gl.OUT_OF_MEMORY) {
      const megabytes = Math.round(this.#bytes / 1e6);
      throw new BackendError(`load: the GPU has no room for this network, which takes ${megabytes} MB so far. Load with backend: 'wasm'.`);
    }
    return { texture, target };
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    countTextures(this.engineName, bytes);
  }

  #texture(target: number): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(target, texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, name, gl.NEAREST);
    this.#deletions.push(() => gl.deleteTexture(texture));
    return texture;
  }

  /** All layers of the left `width` columns. */
  upload({ texture, target, height }: Field, width: number, values: Float32Array): void {
    const { gl } = this;
    gl.bindTexture(target, texture);
    gl.texSubImage3D(target, 0, 0, 0, 0, width, height, LAYERS, gl.RGBA, gl.FLOAT, values);
  }

  /**
   * A program that writes `outputs` layers: `main` assigns `y0`, `y1`, … and may read `at`, its column and row, `rectify`, and the
   * samplers, each declared with its type. The browser compiles it until it is first used.
   */
  program(samplers: Record<string, 'sampler2DArray' | 'sampler2D' | 'usampler2D'>, outputs: number, main: string): Program {
    const { gl } = this;
    const inputs = Object.entries(samplers).map(([name, type]) => `uniform ${type} ${name};\n`);
    const layers = Array.from({ length: outputs }, (_, i) => i);
    const source = `${HEAD}${inputs.join('')}${layers.map((i) => `layout(location = ${i}) out vec4 out${i};\n`).join('')}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec4 ${layers.map((i) => `y${i} = vec4(0)`).join(', ')};
  ${main}
  ${layers.map((i) => `out${i} = rectify ? y${i} * vec4(greaterThanEqual(y${i}, vec4(0))) : y${i};`).join('\n  ')}
}`;
    const program = gl.createProgram();
    const shaders = (
      [
        [gl.VERTEX_SHADER, VERTICES],
        [gl.FRAGMENT_SHADER, source],
      ] as const
    ).map(([type, text]) => {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      return shader;
    });
    gl.linkProgram(program);
    this.#deletions.push(() => {
      shaders.forEach((shader) => gl.deleteShader(shader));
      gl.deleteProgram(program);
    });
    const made = { program, shaders, samplers: Object.keys(samplers), outputs };
    this.#compiling.push(made);
    return made;
  }

  /**
   * Whether the driver can compile all programs so far. Waits for it; where it can, it does so beside us.
   */
  async compiled(): Promise<boolean> {
    const { gl } = this;
    const parallel = gl.getExtension('KHR_parallel_shader_compile');
    for (const made of this.#compiling.splice(0)) {
      const done = () => !parallel || gl.isContextLost() || gl.getProgramParameter(made.program, parallel.COMPLETION_STATUS_KHR);
      while (!done()) await new Promise((resume) => setTimeout(resume, POLL));
      if (!gl.getProgramParameter(made.program, gl.LINK_STATUS)) return gl.isContextLost();
    }
    return true;
  }

  /** Draws the left `width` columns of `output`. */
  draw(made: Program, inputs: readonly Texture[], output: Field, width: number, rectify = false): void {
    const { gl } = this;
    const { program, samplers, outputs } = made;
    if (made.rectify === undefined) this.#prepare(made);
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, output.framebuffer);
    gl.drawBuffers(Array.from({ length: LAYERS }, (_, i) => (i < outputs ? gl.COLOR_ATTACHMENT0 + i : gl.NONE)));
    gl.viewport(0, 0, width, output.height);
    gl.scissor(0, 0, width, output.height); // TensorFlow.js has its test on
    samplers.forEach((_, unit) => {
      const { target, texture } = inputs[unit]!;
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(target, texture);
    });
    gl.uniform1i(made.rectify!, rectify ? 1 : 0);
    gl.bindVertexArray(null); // no attributes
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #prepare(made: Program): void {
    const { gl } = this;
    const { program, shaders, samplers } = made;
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const reason = [gl.getProgramInfoLog(program), ...shaders.map((shader) => gl.getShaderInfoLog(shader))].filter(Boolean).join(' ');
      throw new BackendError(`model: the GPU's driver cannot compile a program: ${reason} Load with backend: 'wasm'.`);
    }
    gl.useProgram(program);
    samplers.forEach((name, unit) => gl.uniform1i(gl.getUniformLocation(program, name), unit));
    made.rectify = gl.getUniformLocation(program, 'rectify');
  }

  /** The left `width` columns of the first layers, each by itself. What is drawn later changes nothing in it. */
  async read({ framebuffer, height }: Field, width: number, layers: number): Promise<Float32Array[]> {
    const { gl, engineName } = this;
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
      while (!isLost(engineName) && gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
        await new Promise((resume) => setTimeout(resume, POLL));
      }
      const values = Array.from({ length: layers }, () => new Float32Array(bytes / 4));
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      values.forEach((part, layer) => gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, layer * bytes, part));
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      if (isLost(engineName)) throw new ContextLost();
      return values;
    } finally {
      gl.deleteSync(fence);
      gl.deleteBuffer(buffer);
    }
  }

  /** Puts into `values` what was handed to `constants`. Waits for the GPU. */
  readBack<Values extends Float32Array | Uint8Array>({ texture }: Texture, width: number, height: number, values: Values): Values {
    const { gl } = this;
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const [format, type] = values instanceof Uint8Array ? [gl.RGBA_INTEGER, gl.UNSIGNED_BYTE] : [gl.RGBA, gl.FLOAT];
    gl.readPixels(0, 0, width, height, format, type, values);
    gl.deleteFramebuffer(framebuffer);
    if (isLost(this.engineName)) throw new ContextLost();
    return values;
  }
}
