/**
 * Program: a fragment shader that writes layers. It compiles in the background and is checked at
 * its first use.
 */
import { BackendError } from '../../errors';

/** One triangle that covers the viewport. */
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
uniform bool fuseRelu;
`;

export type Sampler = 'sampler2DArray' | 'sampler2D' | 'usampler2D';

export class Program {
  readonly #program: WebGLProgram;
  readonly #shaders: readonly WebGLShader[];
  /** Location of the uniform; undefined until the first use. */
  #fuseRelu: WebGLUniformLocation | null | undefined;

  /**
   * @param samplers the samplers by name
   * @param outputs the number of layers that it writes
   * @param main GLSL that assigns `y0`, `y1`, … for the layers, initially zero. It can read `at`,
   * the fragment's column and row, and the samplers
   */
  constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly samplers: Readonly<Record<string, Sampler>>,
    readonly outputs: number,
    main: string,
  ) {
    // Not max(y, 0), which may turn NaN into a number.
    const relu = (y: string) => `${y} * vec4(greaterThanEqual(${y}, vec4(0)))`;
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
  ${layers.map((i) => `out${i} = fuseRelu ? ${relu(`y${i}`)} : y${i};`).join('\n  ')}
}`;
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

  /** Whether the browser, which compiles in parallel if it can, is done. */
  get done(): boolean {
    const { gl } = this;
    const parallel = gl.getExtension('KHR_parallel_shader_compile');
    return (
      !parallel ||
      gl.isContextLost() ||
      gl.getProgramParameter(this.#program, parallel.COMPLETION_STATUS_KHR) === true
    );
  }

  /** Whether the driver could compile it. Blocks until that is known. */
  get works(): boolean {
    return (
      this.gl.getProgramParameter(this.#program, this.gl.LINK_STATUS) === true ||
      this.gl.isContextLost()
    );
  }

  /**
   * Makes it the current program.
   *
   * @throws BackendError if the driver cannot compile it.
   */
  use(fuseRelu: boolean): void {
    const { gl } = this;
    const program = this.#program;
    if (this.#fuseRelu === undefined && !this.works) {
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
    if (this.#fuseRelu === undefined) {
      Object.keys(this.samplers).forEach((name, unit) =>
        gl.uniform1i(gl.getUniformLocation(program, name), unit),
      );
      this.#fuseRelu = gl.getUniformLocation(program, 'fuseRelu');
    }
    gl.uniform1i(this.#fuseRelu, fuseRelu ? 1 : 0);
  }

  delete(): void {
    this.#shaders.forEach((shader) => this.gl.deleteShader(shader));
    this.gl.deleteProgram(this.#program);
  }
}

/** Returns programs by batch size; `create` is called when a batch size first occurs. */
export function programsByBatch(create: (n: number) => Program): (n: number) => Program {
  const programs: Program[] = [];
  return (n) => (programs[n] ??= create(n));
}
