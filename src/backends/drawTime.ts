/**
 * drawsLikeSoftware: distinguishes GPUs from software renderers that hide their names, by the time
 * of a draw.
 */

/** Side of the drawn square, and texture reads per pixel: 16.8 million reads in all. */
const SIDE = 512;
const READS = 64;

/**
 * In ms. On two cores, llvmpipe takes 60 and SwiftShader 226. The GPUs that hide their names, those
 * of Apple's devices, read several billion texels a second: 2 to 5 with the wait for the result.
 */
const THRESHOLD = 10;
/** The number of draws. The fastest one counts, because a busy machine slows some of them. */
const TRIES = 3;

const VERTEX = 'attribute vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }';
const FRAGMENT = `
  precision highp float;
  uniform sampler2D image;
  void main() {
    vec2 at = gl_FragCoord.xy / ${SIDE}.0;
    vec4 sum = vec4(0.0);
    for (int i = 0; i < ${READS}; i++) {
      at = fract(at + vec2(0.618, 0.382) + 0.01 * sum.xy);
      sum += texture2D(image, at);
    }
    gl_FragColor = sum / ${READS}.0;
  }`;

const results = new Map<string, boolean>();

/** Measures once per page and renderer: some 10 ms on a GPU, up to 0.5 s in software. */
export function drawsLikeSoftware(gl: WebGLRenderingContext, renderer: string): boolean {
  const known = results.get(renderer);
  if (known !== undefined) return known;
  const draw = prepare(gl);
  draw(1); // compiles the program
  let fastest = Infinity;
  for (let i = 0; i < TRIES && fastest > THRESHOLD; i++) fastest = Math.min(fastest, draw(SIDE));
  results.set(renderer, fastest > THRESHOLD);
  return fastest > THRESHOLD;
}

/** Returns a function that draws a square of so many pixels, and returns the time until it is done. */
function prepare(gl: WebGLRenderingContext): (side: number) => number {
  gl.canvas.width = gl.canvas.height = SIDE;
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(-1, -1, 3, -1, -1, 3), gl.STATIC_DRAW);
  const at = gl.getAttribLocation(program, 'at');
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  const pixels = Uint8Array.from({ length: 4 * 64 * 64 }, (_, i) => (i * 37) % 256);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 64, 64, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  const pixel = new Uint8Array(4);
  return (side) => {
    gl.viewport(0, 0, side, side);
    const start = performance.now();
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); // waits for the draw
    return performance.now() - start;
  };
}
