/** Program: a fragment shader that writes layers, compiled while we go on, and checked when it is first needed. */
import { BackendError } from '../../errors';

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

export type Sampler = 'sampler2DArray' | 'sampler2D' | 'usampler2D';

export class Program {
  readonly #program: WebGLProgram;
  readonly #shaders: readonly WebGLShader[];
  /** Of the uniform; undefined until the program is first used. */
  #rectify: WebGLUniformLocation | null | undefined;

  /**
   * `main` assigns `y0`, `y1`, …, one for each of `outputs` layers, which are zero before. It may read `at`, the column and row that it is at,
   * and the samplers.
   */
  constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly samplers: Readonly<Record<string, Sampler>>,
    readonly outputs: number,
    main: string,
  ) {
    const layers = Array.from({ length: outputs }, (_, i) => i);
    const source = `${HEAD}
${Object.entries(samplers)
  .map(([name, type]) => `uniform ${type} ${name};`)
  .join('\n')}
${layers.map((i) => `layout(location = ${i}) out vec4 out${i};`).join('\n')}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec4 ${layers.map((i) => `y${i} = vec4(0)`).join(', ')};
  ${main}
  ${layers.map((i) => `out${i} = rectify ? y${i} * vec4(greaterThanEqual(y${i}, vec4(0))) : y${i};`).join('\n  ')}
}`; // not max(y, 0), which may make a number of what is none
    const program = (this.#program = gl.createProgram());
    this.#shaders = (
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
  }

  /** Whether the browser, which compiles beside us where it can, is done with it. */
  get done(): boolean {
    const { gl } = this;
    const parallel = gl.getExtension('KHR_parallel_shader_compile');
    return (
      !parallel ||
      gl.isContextLost() ||
      gl.getProgramParameter(this.#program, parallel.COMPLETION_STATUS_KHR) === true
    );
  }

  /** Whether the driver could compile it. Waits until that is known. */
  get works(): boolean {
    return (
      this.gl.getProgramParameter(this.#program, this.gl.LINK_STATUS) === true ||
      this.gl.isContextLost()
    );
  }

  /**
   * Makes it the one that draws.
   * @throws BackendError when the driver cannot compile it.
   */
  use(rectify: boolean): void {
    const { gl } = this;
    const program = this.#program;
    if (this.#rectify === undefined && !this.works) {
      const reason = [
        gl.getProgramInfoLog(program),
        ...this.#shaders.map((shader) => gl.getShaderInfoLog(shader)),
      ]
        .filter(Boolean)
        .join(' ');
      throw new BackendError(
        `model: the GPU's driver cannot compile a program: ${reason} Load with backend: 'wasm'.`,
      );
    }
    gl.useProgram(program);
    if (this.#rectify === undefined) {
      Object.keys(this.samplers).forEach((name, unit) =>
        gl.uniform1i(gl.getUniformLocation(program, name), unit),
      );
      this.#rectify = gl.getUniformLocation(program, 'rectify');
    }
    gl.uniform1i(this.#rectify, rectify ? 1 : 0);
  }

  delete(): void {
    this.#shaders.forEach((shader) => this.gl.deleteShader(shader));
    this.gl.deleteProgram(this.#program);
  }
}
